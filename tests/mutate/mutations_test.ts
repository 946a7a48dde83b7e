import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { PROJECT } from "../run_unrec.ts";
import { exists } from "../tree.ts";
import { MUTATIONS } from "./mutations.ts";

Deno.test("the places that `deno task mutate` breaks are there, each once, and so are the tests", () => {
  for (const { file, text, broken, tests } of MUTATIONS) {
    assertEquals(Deno.readTextFileSync(join(PROJECT, file)).split(text).length - 1, 1, `${file}: ${text}`);
    assertEquals(text === broken, false, text);
    assertEquals(tests.filter((test) => !exists(join(PROJECT, "tests", test))), [], file);
  }
});
