import { NO_DOWNLOAD, runDeno } from "../run_deno.ts";
import { RUN } from "../run_unrec.ts";
import { DATA } from "../tree.ts";

// Not `deno cache`: with the lock file that is content with less than the command line then downloads.
const { success, stderr } = await runDeno([...RUN, "verify", "--decode", `--include=${DATA}/glint_mini`]);

/** Why images cannot be decoded here; undefined if they can. */
export const WHY_NOT_DECODED: string | undefined = !success && NO_DOWNLOAD.test(stderr)
  ? "the decoders cannot be downloaded here"
  : undefined;
