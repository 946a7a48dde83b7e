import { type Command, runBy } from "./command.ts";
import { completion } from "./completion.ts";
import { decode } from "./decode.ts";
import { get } from "./get.ts";
import { help } from "./help.ts";
import { index } from "./index.ts";
import { info } from "./info.ts";
import { ls } from "./ls.ts";
import { pairs } from "./pairs.ts";
import { verify } from "./verify.ts";

/** Every command. The first is the one that is meant where no command is named. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  runBy(decode, async () => (await import("./decode_run.ts")).runDecode),
  runBy(get, async () => (await import("./get_run.ts")).runGet),
  runBy(index, async () => (await import("./index_run.ts")).runIndex),
  runBy(info, async () => (await import("./info_run.ts")).runInfo),
  runBy(ls, async () => (await import("./ls_run.ts")).runLs),
  runBy(pairs, async () => (await import("./pairs_run.ts")).runPairs),
  runBy(verify, async () => (await import("./verify_run.ts")).runVerify),
  completion(() => COMMANDS),
  help(() => COMMANDS),
];
