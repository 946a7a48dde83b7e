/** Every sample dataset, decoded by the command line, is the tree that the reference script writes. */
import { assertEquals } from "@std/assert";
import { complaints, runUnrec } from "./run_unrec.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { EXPECTED, expectedTree, includeOf, treeOf } from "./tree.ts";

Deno.test("there are eight expected trees", () => assertEquals(EXPECTED.length, 8));

for (const name of EXPECTED) {
  for (const engine of ["wasm", "ts"]) {
    for (const jobs of [1, 2, 5]) {
      // With 300 bytes every image crosses a border between chunks, and there are enough tasks for all workers.
      for (const chunk of ["8M", "300"]) {
        Deno.test(`${name} with --engine=${engine} --jobs=${jobs} --chunk-size=${chunk}`, async () => {
          using folder = temporaryFolder();
          const output = `${folder.path}/images`;
          const finished = await runUnrec(
            ...[`--include=${includeOf(name)}`, `--output=${output}`, `--engine=${engine}`],
            ...[`--jobs=${jobs}`, `--chunk-size=${chunk}`],
          );
          const warnings = complaints(finished).filter((line) => !line.startsWith("unrec: Warning: "));
          assertEquals([finished.code, warnings], [0, []]);
          assertEquals(treeOf(output), expectedTree(name));
        });
      }
    }
  }
}
