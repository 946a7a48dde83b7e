/** `unrec index`: what it writes, what it keeps, and what it says of damage. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { complaints, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, EXPECTED, expectedTree, treeOf } from "../tree.ts";
import { encodeFrames, faces, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Makes 40 images of 4 people and returns where each record begins, and after the last one the size of the file. */
function makeFaces(folder: string): number[] {
  writeDataset(folder, faces({ identities: 4, images: 40, bytes: [60, 400], record0: "first" }));
  return [
    ...Deno.readTextFileSync(`${folder}/train.idx`).trimEnd().split("\n").map((line) => Number(line.split("\t")[1])),
    Deno.statSync(`${folder}/train.rec`).size,
  ];
}

function damage(folder: string, at: number, length = 1): void {
  const bytes = Deno.readFileSync(`${folder}/train.rec`);
  for (let i = at; i < at + length; i++) bytes[i] ^= 0xff;
  Deno.writeFileSync(`${folder}/train.rec`, bytes);
}

for (const name of EXPECTED.filter((name) => !name.includes("+"))) {
  for (const engine of ["wasm", "ts"]) {
    for (const chunk of ["8M", "300"]) {
      Deno.test(`unrec index: ${name} without its index, --engine=${engine} --chunk-size=${chunk}`, async () => {
        using folder = temporaryFolder();
        const dataset = `${folder.path}/dataset`;
        Deno.mkdirSync(dataset);
        Deno.copyFileSync(`${DATA}/${name}/train.rec`, `${dataset}/train.rec`);
        const { code, stdout, stderr } = await runUnrec(
          ...["index", `--include=${dataset}`, `--engine=${engine}`, `--chunk-size=${chunk}`, "--json"],
        );
        assertEquals([code, stderr], [0, ""]);
        const { datasets: [report] } = JSON.parse(stdout);
        assertEquals([report.keys, report.unchanged, report.backup, report.damages], ["ids", false, null, 0]);
        assertEquals([report.path, report.index], [`${dataset}/train.rec`, `${dataset}/train.idx`]);
        assertEquals([...Deno.readDirSync(dataset)].length, 2);
        const output = `${folder.path}/images`;
        assertEquals((await runUnrec(`--include=${dataset}`, `--output=${output}`)).code, 0);
        assertEquals(treeOf(output), expectedTree(name));
      });
    }
  }
}

Deno.test("unrec index: several datasets, one of them a .rec file of another name", async () => {
  using folder = temporaryFolder();
  makeFaces(folder.path);
  const index = Deno.readTextFileSync(`${folder.path}/train.idx`);
  Deno.copyFileSync(`${folder.path}/train.rec`, `${folder.path}/val.rec`);
  Deno.removeSync(`${folder.path}/train.idx`);
  const { code, stdout, stderr } = await runUnrec("index", `--include=${folder.path},${folder.path}/val.rec`);
  assertEquals([code, stderr], [
    0,
    `unrec: ${folder.path}/train.rec is read, and not val.rec beside it, which can be given by name\n`,
  ]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), index);
  assertEquals(Deno.readTextFileSync(`${folder.path}/val.idx`), index);
  for (const line of [/^records +45$/m, /^keys +the ids in the records' headers$/m, /^damaged places +0$/m]) {
    assert(line.test(stdout), stdout);
  }
});

Deno.test("unrec index: an index that is there is kept, unless it is right", async () => {
  using folder = temporaryFolder();
  makeFaces(folder.path);
  const index = Deno.readTextFileSync(`${folder.path}/train.idx`);
  const right = await runUnrec("index", `--include=${folder.path}`);
  assertEquals(right.code, 0);
  assertStringIncludes(right.stdout, "train.idx was right already and is left as it is");
  assertEquals(exists(`${folder.path}/train.idx.bak`), false);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, "1\t99\n");
  Deno.writeTextFileSync(`${folder.path}/train.idx.bak`, "kept before");
  const wrong = await runUnrec("index", `--include=${folder.path}`);
  assertEquals([wrong.code, wrong.stderr], [0, ""]);
  assertStringIncludes(wrong.stdout, `kept as ${folder.path}/train.idx.bak2`);
  assertEquals(
    ["train.idx", "train.idx.bak", "train.idx.bak2"].map((name) => Deno.readTextFileSync(`${folder.path}/${name}`)),
    [index, "kept before", "1\t99\n"],
  );
});

for (
  const [name, ids, keys, said] of [
    ["ids that are all the same", [7, 7, 7], [0, 1, 2], "running numbers from 0, for ids in the headers repeat"],
    ["an id that comes again much later", [1, 2, 3, 9, 1], [0, 1, 2, 3, 4], "ids in the headers repeat"],
    ["ids beyond 32 bits", [1, 2, 2 ** 32], [0, 1, 2], "ids in the headers go beyond 4294967295"],
    ["the greatest id that fits", [5, 2 ** 32 - 1, 0], [5, 2 ** 32 - 1, 0], "the ids in the records' headers"],
  ] as const
) {
  Deno.test(`unrec index: ${name}`, async () => {
    using folder = temporaryFolder();
    writeDataset(folder.path, ids.map((key): TestRecord => ({ key, label: 1, image: new Uint8Array(8) })));
    const { code, stdout } = await runUnrec("index", `--include=${folder.path}`);
    assertEquals(code, 0);
    assertStringIncludes(stdout, said);
    const lines = keys.map((key, i) => `${key}\t${40 * i}\n`).join("");
    assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), lines);
  });
}

for (const engine of ["wasm", "ts"]) {
  Deno.test(`unrec index: damage stops it, and it changes nothing, --engine=${engine}`, async () => {
    using folder = temporaryFolder();
    const offsets = makeFaces(folder.path);
    damage(folder.path, offsets[3]);
    Deno.writeTextFileSync(`${folder.path}/train.idx`, "old");
    const finished = await runUnrec("index", `--include=${folder.path}`, `--engine=${engine}`);
    const lines = complaints(finished);
    assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
    for (
      const part of [
        `unrec: Cannot index ${folder.path}/train.rec: at byte ${offsets[3]} of ${offsets.at(-1)}, after 3 whole`,
        "0xced723f5 stands in place of the magic word",
        `; download ${folder.path}/train.rec again, or index the records that are whole with: `,
        ` index --include=${folder.path} --on-error=skip`,
      ]
    ) assertStringIncludes(lines[0], part);
    assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["train.idx", "train.rec"]);
    assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), "old");
  });

  for (const chunk of ["8M", "256"]) {
    Deno.test(`unrec index --on-error=skip --engine=${engine} --chunk-size=${chunk}`, async () => {
      using folder = temporaryFolder();
      const offsets = makeFaces(folder.path);
      const index = Deno.readTextFileSync(`${folder.path}/train.idx`).split("\n");
      damage(folder.path, offsets[3]);
      damage(folder.path, offsets[20] + 4, 60);
      Deno.truncateSync(`${folder.path}/train.rec`, offsets[43] + 10);
      const finished = await runUnrec(
        ...["index", `--include=${folder.path}`, "--on-error=skip", `--engine=${engine}`, `--chunk-size=${chunk}`],
      );
      assertEquals(finished.code, 1);
      const lines = complaints(finished);
      assertEquals(lines.length, 2, finished.stderr);
      for (
        const part of [
          "train.rec is damaged in 3 places, ",
          `bytes ${offsets[3]} to ${offsets[4] - 1}: no frame begins there`,
          `bytes ${offsets[20]} to ${offsets[21] - 1}: `,
          `bytes ${offsets[43]} to ${offsets[43] + 9}: the file ends before it does`,
        ]
      ) assertStringIncludes(lines[0], part);
      assertStringIncludes(lines[1], "train.idx has the 41 records that are whole; what is left out above is lost");
      const kept = index.filter((_, key) => ![3, 20, 43, 44].includes(key));
      assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), kept.join("\n"));
      assertStringIncludes(finished.stdout, `kept as ${folder.path}/train.idx.bak`);
    });
  }
}

Deno.test("unrec index --on-error=skip: keys that are running numbers are said to have moved", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, Array.from({ length: 9 }, () => ({ key: 1, label: 1, image: new Uint8Array(8) })));
  damage(folder.path, 80);
  const { code, stderr } = await runUnrec("index", `--include=${folder.path}`, "--on-error=skip");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "its keys are running numbers, so they are not the old ones after the first gap");
});

for (
  const [name, bytes, parts] of [
    ["an empty file", new Uint8Array(), ["train.rec is empty: 0 bytes; the download did not begin or was cut"]],
    ["a file of something else", new Uint8Array(5000).fill(0x41), ["train.rec is text"]],
    ["a record without an image header", encodeFrames(new Uint8Array(20)), [
      "train.rec is RecordIO, but its records lack the header that MXNet gives to images",
    ]],
  ] as [string, Uint8Array<ArrayBuffer>, string[]][]
) {
  Deno.test(`unrec index: ${name}`, async () => {
    using folder = temporaryFolder();
    Deno.writeFileSync(`${folder.path}/train.rec`, bytes);
    const finished = await runUnrec("index", `--include=${folder.path}`, "--on-error=skip");
    const lines = complaints(finished);
    assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
    for (const part of parts) assertStringIncludes(lines[0], part);
    assertEquals(exists(`${folder.path}/train.idx`), false);
  });
}

Deno.test("unrec index: no dataset, and an index that cannot be written", async () => {
  using folder = temporaryFolder();
  const none = await runUnrec("index", `--include=${folder.path}`);
  assertEquals([none.code, none.stdout], [1, ""]);
  assertStringIncludes(none.stderr, "the folder is empty; it should hold train.rec and train.idx");
  makeFaces(folder.path);
  Deno.removeSync(`${folder.path}/train.idx`);
  Deno.mkdirSync(`${folder.path}/train.idx`);
  const taken = await runUnrec("index", `--include=${folder.path}`);
  assertEquals([taken.code, taken.stdout], [1, ""]);
  assertStringIncludes(taken.stderr, "train.idx: what is there is not a regular file");
});
