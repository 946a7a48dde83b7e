import { assert } from "@std/assert";
import { fuzz } from "./fuzz.ts";

Deno.test("200,000 fuzz cases: the engines agree, and nothing but the program's own errors comes out", async () => {
  const counts = Object.values(await fuzz(200_000, 20_261_124));
  assert(counts.reduce((sum, count) => sum + count) >= 200_000);
  assert(counts.every((count) => count > 0));
});
