import { assert } from "@std/assert";
import { fuzz } from "./fuzz.ts";

Deno.test("200,000 fuzz cases: the engines agree, and nothing but the program's own errors comes out", async () => {
  const { records, index, pickle, dataset } = await fuzz(200_000, 20_261_124);
  assert(records + index + pickle + dataset >= 200_000);
});
