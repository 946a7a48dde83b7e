import { type Command, runBy } from "./command.ts";
import { completion } from "./completion.ts";
import { decode } from "./decode.ts";
import { finish } from "./finish.ts";
import { get } from "./get.ts";
import { help } from "./help.ts";
import { index } from "./index.ts";
import { info } from "./info.ts";
import { ls } from "./ls.ts";
import { pairs } from "./pairs.ts";
import { plan } from "./plan.ts";
import { verify } from "./verify.ts";

/** Every command. The first is the one that is meant where no command is named. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  runBy(decode, async () => (await import("./decode_run.ts")).runDecode),
  runBy(finish, async () => (await import("./finish_run.ts")).runFinish),
  runBy(get, async () => (await import("./get_run.ts")).runGet),
  runBy(index, async () => (await import("./index_run.ts")).runIndex),
  runBy(info, async () => (await import("./info_run.ts")).runInfo),
  runBy(ls, async () => (await import("./ls_run.ts")).runLs),
  runBy(pairs, async () => (await import("./pairs_run.ts")).runPairs),
  runBy(plan, async () => (await import("./plan_run.ts")).runPlan),
  runBy(verify, async () => (await import("./verify_run.ts")).runVerify),
  completion(() => COMMANDS),
  help(() => COMMANDS),
];
