/** Formats on a disk that is full at any moment: one line, nothing half-written under its own name, and a way on. */
import { assert, assertEquals } from "@std/assert";
import { testUnless } from "../needs.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { JOURNAL, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** The blocks of a file system in memory. */
const BLOCK = 4;

/** What is in a folder and those in it, without journals. */
function filesIn(folder: string): string[] {
  return treeOf(folder).filter((line) => !line.endsWith(`/${JOURNAL}`));
}

/** What is written: the output within the disk, and whether a run that ended there is gone on with. */
const FORMATS = [
  { format: "rec", output: "out", goesOn: true },
  { format: "rec", output: "out", goesOn: true, options: ["--layout=flat"] },
  { format: "webdataset", output: "out", goesOn: true, options: ["--shard-images=40", "--index=wids,dali"] },
  { format: "tar", output: "out.tar", goesOn: false },
  { format: "list", output: "out.tsv", goesOn: false },
];

for (const { format, output, goesOn, options = [] } of FORMATS) {
  for (const source of ["records", "a folder of images"]) {
    testUnless(
      WHY_NO_SMALL_DISK,
      `--format=${[format, ...options].join(" ")} of ${source}: a disk that is full at any block`,
      async () => {
        using folder = temporaryFolder();
        const { path } = folder;
        writeDataset(`${path}/records`, faces({ identities: 16, images: 170, bytes: [90, 400], record0: "first" }));
        let include = `--include=${path}/records`;
        if (source !== "records") {
          assertEquals((await runUnrec(include, `--output=${path}/tree`)).code, 0);
          include = `--include=${path}/tree`;
        }
        const args = [include, `--format=${format}`, "--chunk-size=4K", "--jobs=1", "--quiet", ...options];
        Deno.mkdirSync(`${path}/whole`);
        assertEquals((await runUnrec(...args, `--output=${path}/whole/${output}`)).code, 0);
        const whole = filesIn(`${path}/whole`);
        const names = whole.map((line) => line.slice(66));
        let full = 0;
        for (let kilobytes = BLOCK;; kilobytes += BLOCK) {
          using disk = mountSmall(`${path}/disk`, `size=${kilobytes}k`);
          const all = [...args, `--output=${path}/disk/${output}`];
          const ended = await runUnrec(...all, "--no-space-check");
          if (ended.code === 0) {
            assertEquals(filesIn(`${path}/disk`), whole);
            break;
          }
          full++;
          const [line, ...others] = complaints(ended);
          assertEquals([ended.code, others], [1, []], ended.stderr);
          assert(/^unrec: Cannot .*: the disk is full/.test(line), line);
          // What has its own name is whole.
          for (const file of filesIn(`${path}/disk`)) {
            if (names.includes(file.slice(66))) assert(whole.includes(file), `${kilobytes} KiB: ${file}`);
            else assert(goesOn && /(^|\/)\.[^/]*$/.test(file.slice(66)), `${kilobytes} KiB: ${file}`);
          }
          disk.remount("size=4m");
          const on = await runUnrec(...all);
          assertEquals([on.code, complaints(on)], [0, []], `${kilobytes} KiB`);
          assertEquals(filesIn(`${path}/disk`), whole, `${kilobytes} KiB`);
        }
        assert(full > 0);
      },
    );
  }
}
