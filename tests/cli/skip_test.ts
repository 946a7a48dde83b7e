/** `--on-error=skip`: all that can be read is written under its right name, and what is missing is told. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Finished, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, expectedTree, includeOf, treeOf } from "../tree.ts";
import { encodeRecord, faces, type TestRecord, writeDataset } from "../write_dataset.ts";

const FACES = { identities: 10, images: 100, bytes: [200, 900], record0: "first" } as const;

/** Writes 100 images of 10 identities and returns the records with their offsets. */
function makeFaces(folder: string, record0: "first" | "last" = "first"): (TestRecord & { offset: number })[] {
  const records = [...faces({ ...FACES, bytes: [200, 900], record0 })];
  writeDataset(folder, records);
  let offset = 0;
  return records.map((record) => {
    offset += encodeRecord(record).length;
    return { ...record, offset: offset - encodeRecord(record).length };
  });
}

/** Asserts that a tree holds all images but some, each with its name and bytes. */
function assertTree(output: string, records: TestRecord[], lost: number[]): void {
  const names = treeOf(output).map((line) => line.split("  ")[1]).filter((name) => name !== "lost.tsv");
  const kept = records.filter(({ key }) => key >= 1 && key <= 100 && !lost.includes(key));
  const nameOf = ({ key, label }: TestRecord) => {
    const [person] = label as number[];
    return `id_${person}/${person}_${key - 1}.jpg`;
  };
  assertEquals(names.sort(), kept.map(nameOf).sort());
  for (const record of kept) assertEquals(Deno.readFileSync(`${output}/${nameOf(record)}`), record.image.slice());
}

function damage(folder: string, change: (record: Uint8Array<ArrayBuffer>) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(`${folder}/train.rec`);
  Deno.writeFileSync(`${folder}/train.rec`, change(bytes) ?? bytes);
}

function skip(folder: string, output: string, ...more: string[]): Promise<Finished> {
  return runUnrec(`--include=${folder}`, `--output=${output}`, "--on-error=skip", "--quiet", ...more);
}

/** Name, what is damaged, the keys that are lost, parts of the message. */
const CASES: [
  string,
  (record: Uint8Array<ArrayBuffer>, offsetOf: (key: number) => number) => Uint8Array | void,
  number[],
  string[],
][] = [
  ["one magic word", (record, offsetOf) => void (record[offsetOf(17)] ^= 1), [17], [
    "Lost: 1 image of",
    "1 image, key 17 at bytes ",
    "stands in place of the magic word",
    "identity record 102: 1 of its 10 images",
  ]],
  [
    "a length that runs past the end",
    (record, offsetOf) => {
      new DataView(record.buffer).setUint32(offsetOf(33) + 4, 2 ** 28, true);
    },
    [33],
    ["1 image, key 33", "the file ends before it does"],
  ],
  [
    "a label that is not a number",
    (record, offsetOf) => {
      new DataView(record.buffer).setUint32(offsetOf(40) + 32, 0x7fc00000, true);
    },
    [40],
    ["1 image, key 40", "its label is NaN"],
  ],
  [
    "a label vector that is too long",
    (record, offsetOf) => {
      new DataView(record.buffer).setUint32(offsetOf(41) + 8, 5000, true);
    },
    [41],
    ["announces 5000 labels"],
  ],
  ["a hole of many records", (record, offsetOf) => void record.fill(0, offsetOf(21), offsetOf(58)), [
    ...Array.from({ length: 37 }, (_, i) => 21 + i),
  ], [
    "Lost: 37 images of",
    "in 1 place",
    "37 images, keys 21 to 57 at bytes ",
    "identity record 103: 10 of its 10 images",
    "identity record 106: 7 of its 10 images",
  ]],
  [
    "several places",
    (record, offsetOf) => {
      for (const key of [1, 2, 50, 100]) record.fill(0xff, offsetOf(key), offsetOf(key) + 20);
    },
    [1, 2, 50, 100],
    ["Lost: 4 images of", "in 3 places", "2 images, keys 1 to 2 at bytes"],
  ],
];

for (const [name, change, lost, messages] of CASES) {
  for (const how of [["--jobs=1"], ["--jobs=2", "--chunk-size=512"], ["--jobs=1", "--chunk-size=300", "--engine=ts"]]) {
    Deno.test(`skip ${name}, ${how.join(" ")}`, async () => {
      using folder = temporaryFolder();
      const records = makeFaces(`${folder.path}/faces`);
      damage(`${folder.path}/faces`, (bytes) => change(bytes, (key) => records.find((r) => r.key === key)!.offset));
      const output = `${folder.path}/images`;
      const { code, stdout, stderr } = await skip(`${folder.path}/faces`, output, ...how);
      assertEquals(code, 1);
      assertTree(output, records, lost);
      for (const message of messages) assertStringIncludes(stderr, message);
      assert(new RegExp(`^lost images +${lost.length}$`, "m").test(stdout), stdout);
    });
  }
}

Deno.test("skip: a truncated file that has lost its identity records too", async () => {
  using folder = temporaryFolder();
  const records = makeFaces(`${folder.path}/faces`);
  const cut = records.find(({ key }) => key === 61)!.offset + 10;
  damage(`${folder.path}/faces`, (bytes) => bytes.subarray(0, cut));
  const output = `${folder.path}/images`;
  const { code, stderr } = await skip(`${folder.path}/faces`, output);
  assertEquals(code, 1);
  assertTree(output, records, Array.from({ length: 40 }, (_, i) => 61 + i));
  assertStringIncludes(stderr, "has 10 identity records that cannot be read");
  assertStringIncludes(stderr, "Lost: 40 images of");
  assertStringIncludes(stderr, "keys 61 to 100 at bytes ");
});

Deno.test("skip: an index that lacks images and identity records, as one rebuilt from a damaged file does", async () => {
  using folder = temporaryFolder();
  const records = makeFaces(`${folder.path}/faces`);
  const gone = [5, 6, 7, 30, 103, 104];
  const lines = Deno.readTextFileSync(`${folder.path}/faces/train.idx`).trimEnd().split("\n");
  const left = lines.filter((line) => !gone.includes(Number(line.split("\t")[0])));
  Deno.writeTextFileSync(`${folder.path}/faces/train.idx`, `${left.join("\n")}\n`);
  const output = `${folder.path}/images`;
  const { code, stderr } = await skip(`${folder.path}/faces`, output, "--lost-tsv", "--chunk-size=512");
  assertEquals(code, 1);
  assertTree(output, records, [5, 6, 7, 30]);
  assertStringIncludes(stderr, "3 images, keys 5 to 7: the index does not have them");
  assertStringIncludes(stderr, "identity record 101: 3 of its 10 images");
  assertStringIncludes(stderr, `All 4 lost images are listed in ${output}/lost.tsv`);
  assertEquals(
    Deno.readTextFileSync(`${output}/lost.tsv`).split("\n").slice(1, -1).map((line) => line.split("\t")),
    [
      ...[[5, 101], [6, 101], [7, 101], [30, 103]].map((
        [key, identity],
      ) => [`${folder.path}/faces/train.rec`, `${key}`, `${identity}`, `${key - 1}`, ""]),
    ],
  );
});

Deno.test("skip: an identity record that names four billion images is refused at once", async () => {
  using folder = temporaryFolder();
  const empty = new Uint8Array();
  writeDataset(folder.path, [
    { key: 0, label: [4e9, 4e9 + 1], image: empty },
    { key: 1, label: 0, image: new Uint8Array(9) },
    { key: 4e9, label: [1, 4e9], image: empty },
  ]);
  using output = temporaryFolder();
  const { code, stderr } = await skip(folder.path, output.path);
  assertEquals([code, stderr.trimEnd().split("\n").length], [1, 1], stderr);
  assertStringIncludes(stderr, "the index has only 3 records; the identity records are damaged");
});

Deno.test("skip: lost.tsv, and the JSON of it", async () => {
  using folder = temporaryFolder();
  const records = makeFaces(`${folder.path}/faces`);
  const { offset } = records.find(({ key }) => key === 12)!;
  damage(`${folder.path}/faces`, (bytes) => void (bytes[offset] ^= 1));
  const output = `${folder.path}/images`;
  const { stdout } = await skip(`${folder.path}/faces,${DATA}/glint_mini`, output, "--lost-tsv", "--json");
  const { images, lost } = JSON.parse(stdout);
  assertEquals(images, 99 + 82);
  const path = `${folder.path}/faces/train.rec`;
  const { places: [place], ...rest } = lost[0];
  const identities = [{ key: 102, images: 10, lost: 1, guessed: false }];
  assertEquals([lost.length, rest], [1, { path, images: 1, identities, unindexed: null, record0: false }]);
  assertEquals([place.start, place.keys, place.images], [offset, [12, 12], 1]);
  assertEquals(
    Deno.readTextFileSync(`${output}/lost.tsv`),
    `file\tkey\tidentity\tnumber\tbyte\n${path}\t12\t102\t11\t${offset}\n`,
  );
  // The numbers of the second dataset are those of an undamaged run.
  assert(exists(`${output}/id_0/0_100.jpg`));
});

Deno.test("skip: an undamaged dataset is decoded as ever, exit code 0", async () => {
  using folder = temporaryFolder();
  for (const name of ["header_last", "shuffled", "glint_mini+second_source"]) {
    const { code } = await skip(includeOf(name), `${folder.path}/${name}`);
    assertEquals([code, treeOf(`${folder.path}/${name}`)], [0, expectedTree(name)]);
  }
});

Deno.test("skip: not for archives, and --lost-tsv not without it", async () => {
  using folder = temporaryFolder();
  const tar = new Deno.Command("tar", { args: ["-cf", `${folder.path}/a.tar`, "-C", DATA, "glint_mini"] }).outputSync();
  assertEquals(tar.code, 0);
  const archive = await skip(`${folder.path}/a.tar`, `${folder.path}/images`);
  assertEquals([archive.code, archive.stdout, exists(`${folder.path}/images`)], [1, "", false]);
  assertStringIncludes(
    archive.stderr,
    `Cannot leave out what is damaged in ${folder.path}/a.tar: that takes the index first`,
  );
  assertStringIncludes(archive.stderr, `unpack ${folder.path}/a.tar with tar and give its folder to --include`);
  const alone = await runUnrec(`--include=${DATA}/glint_mini`, `--output=${folder.path}/images`, "--lost-tsv");
  assertEquals(alone.code, 2);
  assertStringIncludes(alone.stderr, "--lost-tsv lists what --on-error=skip leaves out: give that too");
});
