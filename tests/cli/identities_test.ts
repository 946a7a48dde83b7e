/** Identity records and record 0: how they are counted, and sets in which they make no sense. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { highKeySet } from "../high_keys.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, treeOf } from "../tree.ts";
import { type TestRecord, writeDataset } from "../write_dataset.ts";

const CASES = `${DATA}/cases`;

Deno.test("identity records and labels are counted apart, where people come back", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${CASES}/scattered_ids`, `--output=${folder.path}/images`];
  const finished = await runUnrec(...args);
  assertEquals([finished.code, complaints(finished)], [0, []]);
  assertStringIncludes(finished.stdout, "identity records  5\nlabels (folders)  3\nimages            9\n");
  const names = treeOf(`${folder.path}/images`).map((line) => line.slice(66));
  assertEquals(names, [
    ...["id_0/0_0.jpg", "id_0/0_1.jpg", "id_0/0_4.jpg", "id_1/1_2.jpg", "id_1/1_3.jpg", "id_1/1_5.jpg", "id_1/1_6.jpg"],
    ...["id_1/1_7.jpg", "id_2/2_8.jpg"],
  ]);
});

/** A set of four images, with a change. */
function changed(change: (record0: TestRecord, records: TestRecord[]) => void): TestRecord[] {
  const { record0, records } = highKeySet({ start: 1, sizes: [2, 2] });
  change(record0, records);
  return records;
}

const NO_RANGE = "which is no range of keys";

for (
  const [name, records, said] of [
    ["names nothing", changed((record0) => record0.label = [7, 7]), "from 7 up to, but without, 7, so there is none"],
    ["names nothing, at 0", changed((record0) => record0.label = [0, 0]), NO_RANGE],
    ["names keys backwards", changed((record0) => record0.label = [7, 5]), NO_RANGE],
    ["names what is no number", changed((record0) => record0.label = [5, NaN]), NO_RANGE],
    ["names all keys from 5 on", changed((record0) => record0.label = [5, Infinity]), NO_RANGE],
    ["names keys below 0", changed((record0) => record0.label = [-2, 7]), NO_RANGE],
    ["names itself", changed((record0) => record0.label = [0, 7]), NO_RANGE],
    ["names images too", changed((record0) => record0.label = [3, 7]), "identity record 3 has an image in place of"],
    ["has one label", changed((record0) => record0.label = [5]), "record 0 has one label in place of a range of keys"],
    // Read as numbers of an image, which its labels are then.
    [
      "has a scalar label",
      changed((record0) => record0.label = 5),
      "it gives key 0 to an image, and the last key, 6, to",
    ],
    ["names what is not there", changed((record0) => record0.label = [5, 9]), "the index has no key 7"],
    [
      "names them, but they name identity records",
      changed((_, records) => records[6].label = [3, 7]),
      "identity record 6 names the keys 3 to 6, and the identity records begin at 5",
    ],
    [
      "names them, but they name it",
      changed((_, records) => records[5].label = [0, 3]),
      "identity record 5 names the keys 0 to 2, and keys of images begin at 1",
    ],
    [
      "names them, but they name nothing",
      changed((_, records) => [5, 6].forEach((key) => records[key].label = [3, 3])),
      "none of its 2 identity records names any",
    ],
  ] as [string, TestRecord[], string][]
) {
  Deno.test(`record 0 ${name}: refused before anything is written, and by verify and of an archive too`, async () => {
    using folder = temporaryFolder();
    const set = `${folder.path}/set`;
    writeDataset(set, records);
    const output = `${folder.path}/images`;
    for (const engine of ["wasm", "ts"]) {
      const refused = await runUnrec(`--include=${set}`, `--output=${output}`, `--engine=${engine}`);
      const lines = complaints(refused);
      assertEquals([refused.code, refused.stdout, lines.length, exists(output)], [1, "", 1, false], refused.stderr);
      assertStringIncludes(lines[0], said);
      const next = await paste(
        commandAfter(lines[0], lines[0].includes("look for") ? "look for all damage with" : "with"),
      );
      assertEquals(next.stderr.includes("Internal"), false);
    }
    const verified = await runUnrec("verify", `--include=${set}`);
    assertEquals([verified.code, complaints(verified)[0].includes(said)], [1, true], verified.stderr);
    Deno.writeFileSync(`${folder.path}/set.tar`, makeTar({ names: ["set"], from: folder.path, gzip: false }));
    const streamed = await runUnrec(`--include=${folder.path}/set.tar`, `--output=${folder.path}/streamed`);
    assertEquals([streamed.code, streamed.stderr.includes(said)], [1, true], streamed.stderr);
    assertStringIncludes(streamed.stderr, "unpack ");
  });
}

Deno.test("record 0 of the set that was met names nothing: it is said in words, with what to do", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const refused = await runUnrec(`--include=${CASES}/empty_range`, `--output=${output}`);
  assertEquals([refused.code, exists(output)], [1, false]);
  assertStringIncludes(
    refused.stderr,
    "record 0 says that identity records have the keys from 5 up to, but without, 5, so there is none, and nothing tells " +
      "which of the other 4 records are images; compare the md5 sum with the published one: ",
  );
  const looked = await paste(commandAfter(refused.stderr, "look for all damage with"));
  assertEquals(looked.code, 1);
  assertStringIncludes(looked.stdout, "records             5\n");
});
