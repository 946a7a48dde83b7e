/** `unrec index` where the ids in the headers are no keys: record 0 and the identity records tell them, or it is refused. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { highKeySet, treeOfImages } from "../high_keys.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { type TestRecord, writeDataset } from "../write_dataset.ts";

const empty = new Uint8Array();

/** Writes a dataset without an index, with other ids than its keys. */
function writeWithIds(folder: string, records: TestRecord[], idOf: (record: TestRecord, row: number) => number): void {
  writeDataset(folder, records.map((record, row) => ({ ...record, key: idOf(record, row) })));
  Deno.removeSync(`${folder}/train.idx`);
}

/** What the index of records should be. */
function indexOf(folder: string, records: TestRecord[]): string {
  writeDataset(folder, records);
  return Deno.readTextFileSync(`${folder}/train.idx`);
}

const USELESS: [string, (record: TestRecord, row: number) => number][] = [
  ["ids that are all 0", () => 0],
  ["ids that are all 7", () => 7],
  ["ids that are labels", ({ label }) => typeof label === "number" ? label : label[0]],
  ["ids that are running numbers from 0", (_, row) => row],
  ["ids that are running numbers from 1", (_, row) => 1 + row],
  ["ids that begin anew for the identity records", ({ key, image }) => image.length > 0 ? key : key % 5],
  ["ids beyond 32 bits", (_, row) => 2 ** 40 + row],
];

for (const [name, idOf] of USELESS) {
  for (const record0 of ["first", "last"] as const) {
    for (const [where, start] of [["keys from 1 on", 1], ["keys that are rounded", 16_778_203]] as const) {
      Deno.test(`unrec index: ${name}, record 0 ${record0}, ${where}`, async () => {
        using folder = temporaryFolder();
        const set = `${folder.path}/set`;
        const { records, images } = highKeySet({ start, sizes: [3, 1, 4, 2, 3], scalar: start > 1, record0 });
        writeWithIds(set, records, idOf);
        for (const engine of ["wasm", "ts"]) {
          const how = [`--include=${set}`, `--engine=${engine}`];
          assertEquals((await runUnrec("index", ...how, "--chunk-size=256")).code, 0);
          const output = `${folder.path}/images`;
          const finished = await runUnrec(...how, `--output=${output}`);
          assertEquals(finished.code, 0, finished.stderr);
          assertEquals(treeOf(output), treeOfImages(images));
          Deno.removeSync(output, { recursive: true });
        }
        // Which of the keys that float32 rounds alike the images have makes no difference.
        if (start > 1) return;
        assertEquals(Deno.readTextFileSync(`${set}/train.idx`), indexOf(`${folder.path}/right`, records));
      });
    }
  }
}

Deno.test("unrec index: the set that was met, in which all ids are 0 and record 0 is the last", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  Deno.mkdirSync(set);
  Deno.copyFileSync(`${DATA}/cases/useless_ids/train.rec`, `${set}/train.rec`);
  Deno.copyFileSync(`${DATA}/cases/useless_ids/train.idx`, `${set}/train.idx`);
  // Its index has running numbers, as MXNet's rec2idx.py gives them: with these, key 0 is an image.
  for (const how of [[], ["--on-error=skip"]]) {
    const refused = await runUnrec(`--include=${set}`, `--output=${folder.path}/images`, ...how);
    assertEquals([refused.code, exists(`${folder.path}/images`)], [1, false]);
    assertStringIncludes(
      refused.stderr,
      "gives key 0 to an image, and the last key, 6, to an identity record or to record 0",
    );
    assertStringIncludes(refused.stderr, "; rebuild the index with: ");
  }
  assertEquals((await runUnrec("verify", `--include=${set}`)).code, 1);
  const { code, stdout } = await runUnrec("index", `--include=${set}`);
  assertEquals(code, 0);
  assertStringIncludes(
    stdout,
    "those that record 0 and the identity records name, for the ids in the headers are others",
  );
  assertEquals(Deno.readTextFileSync(`${set}/train.idx`), "1\t0\n2\t72\n3\t144\n4\t216\n5\t288\n6\t328\n0\t368\n");
  const finished = await runUnrec(`--include=${set}`, `--output=${folder.path}/images`);
  assertEquals([finished.code, complaints(finished)], [0, []]);
  const names = treeOf(`${folder.path}/images`).map((line) => line.slice(66));
  assertEquals(names, ["id_0/0_0.jpg", "id_0/0_1.jpg", "id_1/1_2.jpg", "id_1/1_3.jpg"]);
  assertEquals((await runUnrec("verify", `--include=${set}`, `--output=${folder.path}/images`)).code, 0);
});

/** A set with record 0 last, with a change. */
function changed(change: (records: TestRecord[]) => void): TestRecord[] {
  const { records } = highKeySet({ start: 1, sizes: [3, 1, 4], record0: "last" });
  change(records);
  return records;
}

for (
  const [name, records] of [
    ["an image less", changed((records) => records.splice(4, 1))],
    ["an identity record less", changed((records) => records.splice(9, 1))],
    ["record 0 with other numbers", changed((records) => records.at(-1)!.label = [9, 13])],
    ["no record 0", changed((records) => records.pop())],
    ["ranges that do not meet", changed((records) => records[9].label = [4, 6])],
    [
      "a range that ends before it begins",
      changed((records) => {
        [[1, 6], [6, 4], [4, 9]].forEach((label, i) => records[8 + i].label = label);
      }),
    ],
    ["images after the identity records", changed((records) => records.splice(10, 0, records.splice(3, 1)[0]))],
  ] as [string, TestRecord[]][]
) {
  Deno.test(`unrec index: useless ids, and ${name}: refused, and nothing is written`, async () => {
    using folder = temporaryFolder();
    writeWithIds(folder.path, records, () => 0);
    for (const how of [["--engine=ts"], ["--on-error=skip"]]) {
      const finished = await runUnrec("index", `--include=${folder.path}`, ...how);
      const lines = complaints(finished);
      assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
      assertStringIncludes(
        lines[0],
        "the ids in the records' headers repeat, and though its last records are identity",
      );
      assertStringIncludes(lines[0], `; download ${folder.path}/train.idx again`);
      assertEquals(exists(`${folder.path}/train.idx`), false);
    }
  });
}

const image = new Uint8Array(8);
for (
  const [name, records, keys] of [
    ["a flat set", [1, 2, 3].map((key) => ({ key, label: 1, image })), [0, 1, 2]],
    ["images without bytes", [1, 2, 3].map((key) => ({ key, label: [key, 1], image: key < 3 ? image : empty })), [
      0,
      1,
      2,
    ]],
    ["all without bytes", [1, 2, 3].map((key) => ({ key, label: [0, 1], image: empty })), [0, 1, 2]],
    ["a class and a 1 in the place of bytes", [1, 2, 3].map((key) => ({ key, label: [1, 1], image: empty })), [
      0,
      1,
      2,
    ]],
    ["two that look like identity records, but not at the end", [
      ...[[3, 9], [4, 7]].map((label, i) => ({ key: i, label, image: empty })),
      { key: 2, label: [0, 1], image },
    ], [0, 1, 2]],
    ["a last one that looks like an identity record", [
      { key: 1, label: [0, 1], image },
      { key: 2, label: [3, 9], image: empty },
    ], [0, 1]],
  ] as [string, TestRecord[], number[]][]
) {
  Deno.test(`unrec index: useless ids, ${name}: running numbers`, async () => {
    using folder = temporaryFolder();
    writeWithIds(folder.path, records, () => 5);
    const { code, stdout } = await runUnrec("index", `--include=${folder.path}`);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "running numbers from 0, for ids in the headers repeat");
    const lines = Deno.readTextFileSync(`${folder.path}/train.idx`).trimEnd().split("\n");
    assertEquals(lines.map((line) => Number(line.split("\t")[0])), keys);
  });
}

for (const name of ["glint_mini", "header_last", "shared_label", "shuffled", "cases/gap", "cases/empty_range"]) {
  Deno.test(`unrec index: ids that are keys stay: ${name}`, async () => {
    using folder = temporaryFolder();
    Deno.copyFileSync(`${DATA}/${name}/train.rec`, `${folder.path}/train.rec`);
    const { code, stdout } = await runUnrec("index", `--include=${folder.path}`, "--json");
    assertEquals([code, JSON.parse(stdout).datasets[0].keys], [0, "ids"]);
  });
}

Deno.test("a set without record 0: index and decode say so, and skip writes all images and remembers the loss", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  const { records, images } = highKeySet({ start: 1, sizes: [3, 1, 4], record0: "last" });
  writeDataset(set, records.slice(0, -1));
  const refused = await runUnrec("index", `--include=${set}`);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes(
    refused.stderr,
    "its last records are identity records, and there is no record 0, which names them",
  );
  const indexed = await runUnrec("index", `--include=${set}`, "--on-error=skip", "--json");
  assertEquals([indexed.code, JSON.parse(indexed.stdout).status], [1, "lost"]);
  assertStringIncludes(indexed.stderr, "ends with identity records and has no record 0");
  for (const command of [["verify"], [`--output=${folder.path}/none`]]) {
    const { code, stderr } = await runUnrec(...command, `--include=${set}`);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "key 11, the last one, is an identity record, and there is no record 0");
  }
  assertEquals(exists(`${folder.path}/none`), false);
  const args = [`--include=${set}`, `--output=${folder.path}/images`, "--on-error=skip", "--json"];
  for (const _ of ["first", "again"]) {
    const { code, stdout, stderr } = await runUnrec(...args);
    const { lost } = JSON.parse(stdout);
    assertEquals([code, lost.length, lost[0].record0, lost[0].images], [1, 1, true, 0], stderr);
    assertEquals(lost[0].identities, []);
    assertStringIncludes(stderr, "Guessed: ");
    assertEquals(treeOf(`${folder.path}/images`), treeOfImages(images));
  }
  // It is there again: what was guessed is read again.
  writeDataset(set, records);
  const whole = await runUnrec(...args);
  assertEquals(whole.code, 0, whole.stderr);
  assertEquals(treeOf(`${folder.path}/images`), treeOfImages(images));
});

Deno.test("a set without record 0, with one identity record, and one whose index lacks the last ones", async () => {
  using folder = temporaryFolder();
  const { records, images } = highKeySet({ start: 1, sizes: [4] });
  writeDataset(`${folder.path}/one`, records.slice(1));
  const refused = await runUnrec("index", `--include=${folder.path}/one`);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "there is no record 0, which names them");
  const args = [`--include=${folder.path}/one`, `--output=${folder.path}/images`];
  assertStringIncludes((await runUnrec(...args)).stderr, "key 5, the last one, is an identity record");
  assertEquals((await runUnrec(...args, "--on-error=skip")).code, 1);
  assertEquals(treeOf(`${folder.path}/images`), treeOfImages(images));
  // Two identity records after the last one that the index has: their images are those that no other one names.
  const cut = await runUnrec(
    ...[`--include=${DATA}/cases/index_cut`, `--output=${folder.path}/cut`, "--on-error=skip", "--json"],
  );
  assertEquals(cut.code, 1);
  assertEquals(JSON.parse(cut.stdout).lost[0].identities, [{ key: 39, images: 10, lost: 0, guessed: true }]);
  assertEquals(treeOf(`${folder.path}/cut`), expectedTree("header_last"));
});

Deno.test("images without bytes at the end of a flat set are images", async () => {
  using folder = temporaryFolder();
  const labels = [[0, 1], [1, 1], [1, 1]];
  const records = labels.map((label, i): TestRecord => ({ key: 1 + i, label, image: i === 0 ? image : empty }));
  writeDataset(`${folder.path}/set`, records);
  const { code } = await runUnrec(`--include=${folder.path}/set`, `--output=${folder.path}/images`);
  assertEquals([code, treeOf(`${folder.path}/images`).length], [0, 3]);
});
