import { NO_DOWNLOAD, runDeno } from "../run_deno.ts";
import { PROJECT } from "../run_unrec.ts";

const { success, stderr } = await runDeno(["cache", `${PROJECT}src/verify/decode_image.ts`]);

/** Why images cannot be decoded here; undefined if they can. */
export const WHY_NOT_DECODED: string | undefined = !success && NO_DOWNLOAD.test(stderr)
  ? "the decoders cannot be downloaded here"
  : undefined;
