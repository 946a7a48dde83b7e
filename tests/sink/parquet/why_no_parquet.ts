import { NO_DOWNLOAD, runDeno } from "../../run_deno.ts";
import { RUN } from "../../run_unrec.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { DATA } from "../../tree.ts";

using folder = temporaryFolder();
const args = [`--include=${DATA}/glint_mini`, `--output=${folder.path}`, "--format=parquet"];
const { success, stderr } = await runDeno([...RUN, ...args]);

/** Why no Parquet can be written here; undefined if it can. */
export const WHY_NO_PARQUET: string | undefined = !success && NO_DOWNLOAD.test(stderr)
  ? "what writes Parquet cannot be downloaded here"
  : undefined;
