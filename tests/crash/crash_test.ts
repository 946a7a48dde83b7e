/** Processes that are killed, stopped, run out of disk or run twice: what they leave is gone on with. */
import { assert } from "@std/assert";
import { crash } from "./crash.ts";

/** At least so many processes are ended; `deno task crash` goes on for hours. */
const ENDED = 50;

Deno.test(`${ENDED} processes that end early lose nothing`, async () => {
  const counts = await crash(ENDED, 77);
  for (const name of ["kill", "two at once"]) assert(counts[name].ended > 0, `nothing met ${name}`);
});
