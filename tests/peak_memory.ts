/** Runs the command line with the arguments given and then prints the most memory that was resident, in bytes (Linux). */
import { run } from "../src/cli/run.ts";

await run(Deno.args);
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))!;
console.log(Number(kilobytes) * 1024);
