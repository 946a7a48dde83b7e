/** What the command line says of input and output that it can do nothing with: one line, exit code 1. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { complaints, type Finished, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, treeOf } from "../tree.ts";
import { encodeFrames, encodeRecord, writeDataset } from "../write_dataset.ts";

function assertRefused(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  assert(lines[0].startsWith("unrec: Cannot "), lines[0]);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

/** Writes a few images as a flat dataset; `change` damages the two files. */
function flat(
  folder: string,
  change: (record: Uint8Array<ArrayBuffer>, offsets: number[]) => Uint8Array | string | void,
) {
  const records = [1, 2, 3, 4].map((key) => ({ key, label: key, image: new Uint8Array(40).fill(key) }));
  writeDataset(folder, records);
  const size = encodeRecord(records[0]).length;
  const changed = change(Deno.readFileSync(`${folder}/train.rec`), [0, size, 2 * size, 3 * size]);
  if (typeof changed === "string") Deno.writeTextFileSync(`${folder}/train.idx`, changed);
  else if (changed) Deno.writeFileSync(`${folder}/train.rec`, changed);
}

function put(bytes: Uint8Array<ArrayBuffer>, at: number, word: number): Uint8Array<ArrayBuffer> {
  new DataView(bytes.buffer).setUint32(at, word, true);
  return bytes;
}

const TWO_WRITTEN = ". Written before: 2 images in ";

/** Name, damage, what the line must contain. Key 3 is the first that cannot be read, if nothing else is said. */
const DAMAGES: [string, Parameters<typeof flat>[1], string[]][] = [
  ["a bad magic word", (record, offsets) => put(record, offsets[2], 0x12345678), [
    "of key 3 at byte 144 of",
    "0x12345678 stands in place of the magic word 0xced7230a, and the next such word at byte 216",
    "compare the md5 sum with the published one: ",
    "write all that is whole with: ",
    TWO_WRITTEN,
  ]],
  ["a frame that runs past the end", (record) => record.subarray(0, record.length - 5), [
    "of key 4 at byte 216",
    "the file ends before it does, 5 bytes are missing",
    "the download of",
    "(283 bytes) is not complete",
    ". Written before: 3 images in ",
  ]],
  ["a frame header that runs past the end", (record, offsets) => record.subarray(0, offsets[3] + 7), [
    "of key 4 at byte 216",
    "1 byte is missing",
  ]],
  ["an offset outside the file", (record) => `1\t0\n2\t${record.length}\n`, [
    "of key 2 at byte 288",
    "that is outside the file, which has 288 bytes",
    ". Written before: 1 image in ",
  ]],
  ["an offset at no frame", () => "1\t0\n2\t80\n", [
    "of key 2 at byte 80",
    "no frame begins there: 0x00000000 stands in place of the magic word",
  ]],
  ["a part that begins no record", (record, offsets) => put(record, offsets[2] + 4, (3 << 29 | 64) >>> 0), [
    "of key 3 at byte 144",
    "it is the last part of a multi-part record (cflag 3), not the beginning of one",
  ]],
  ["a multi-part record that does not end", (record, offsets) => put(record, offsets[2] + 4, 1 << 29 | 64), [
    "of key 3 at byte 144",
    "it is multi-part and does not end: at byte 216 another record begins (cflag 0)",
  ]],
  ["a multi-part record at the end of the file", (record, offsets) => put(record, offsets[3] + 4, 1 << 29 | 64), [
    "of key 4 at byte 216",
    "the file ends before it does, 8 bytes are missing",
  ]],
  ["a label vector longer than its record", (record, offsets) => put(record, offsets[2] + 8, 11), [
    "of key 3 at byte 144",
    "its header announces 11 labels, more than it has room for",
  ]],
  ["a record shorter than its header", (record, offsets) => put(record, offsets[2] + 4, 20), [
    "of key 3 at byte 144",
    "it has 20 bytes, fewer than the 24 of an image header",
  ]],
  ["a label that is not a number", (record, offsets) => put(record, offsets[2] + 12, 0x7fc00000), [
    "of key 3 at byte 144",
    "its label is NaN, which names no class",
    TWO_WRITTEN,
  ]],
  ["an infinite label", (record, offsets) => put(record, offsets[2] + 12, 0xff800000), [
    "of key 3 at byte 144",
    "its label is -Infinity",
  ]],
  ["an index line of another form", () => "1\t0\n2;72\n", ['train.idx: line 2 is not `key TAB offset`: "2;72"']],
  ["an empty index", () => "", ["train.idx is empty: 0 bytes"]],
];

for (const [name, change, parts] of DAMAGES) {
  for (const jobs of [1, 2]) {
    Deno.test(`${name}, --jobs=${jobs}`, async () => {
      using folder = temporaryFolder();
      flat(`${folder.path}/faces`, change);
      const output = `${folder.path}/images`;
      // Two jobs need two tasks, and so a small chunk; which images are written before is up to chance then.
      const small = jobs === 1 ? [] : ["--chunk-size=256"];
      const finished = await runUnrec(
        `--include=${folder.path}/faces`,
        `--output=${output}`,
        `--jobs=${jobs}`,
        ...small,
      );
      assertRefused(finished, ...jobs === 1 ? parts : parts.filter((part) => !/Written|next such/.test(part)));
      const written = /Written before: (\d+) image/.exec(finished.stderr)?.[1] ?? "0";
      try {
        assertEquals(treeOf(output).length, Number(written));
      } catch (error) {
        // An index that cannot be read ends the run before the output is made.
        assert(error instanceof Deno.errors.NotFound);
      }
    });
  }
}

Deno.test("parts that add up to 2^29 bytes", async () => {
  using folder = temporaryFolder();
  // A sparse file: two frames of 2^28 bytes, all holes but their headers.
  using file = Deno.openSync(`${folder.path}/train.rec`, { create: true, write: true });
  for (const [at, lrec] of [[0, 1 << 29 | 2 ** 28], [2 ** 28 + 8, 3 << 29 | 2 ** 28]]) {
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(put(put(new Uint8Array(8), 0, 0xced7230a), 4, lrec >>> 0));
  }
  file.truncateSync(2 ** 29 + 16);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, "5\t0\n");
  const finished = await runUnrec(`--include=${folder.path}`, "--output=/nowhere/at/all", "--dry-run");
  assertEquals(finished.code, 0);
  using images = temporaryFolder();
  const output = `${images.path}/out`;
  assertRefused(
    await runUnrec(`--include=${folder.path}`, `--output=${output}`),
    "of key 5 at byte 0",
    "its parts add up to 536870916 bytes, and a record ends below 2^29",
    "nothing was written",
  );
});

const RECORDS = `${DATA}/header_last/train.rec`;

/** Name, what is put into the folder, what is given as --include, what the line must contain. */
const PLACES: [string, (folder: string) => void, string, string[]][] = [
  ["a missing folder", () => {}, "/none", ["the dataset", "/none: there is no such file or directory"]],
  ["an empty folder", () => {}, "", ["the folder is empty; it should hold train.rec and train.idx"]],
  ["a folder of other things", (folder) => Deno.writeTextFileSync(`${folder}/notes.txt`, ""), "", [
    "it has neither train.rec nor train.idx",
  ]],
  [
    "a folder two above the dataset",
    (folder) => Deno.mkdirSync(`${folder}/sets/faces`, { recursive: true }) ?? flat(`${folder}/sets/faces`, () => {}),
    "",
    [
      "it has neither train.rec nor train.idx",
    ],
  ],
  ["a missing train.rec", (folder) => Deno.writeTextFileSync(`${folder}/train.idx`, "0\t0\n"), "", [
    "it has train.idx, but no train.rec",
  ]],
  ["a missing train.idx", (folder) => Deno.copyFileSync(RECORDS, `${folder}/train.rec`), "", [
    "train.idx; download ",
    "train.idx again, or rebuild the index with: ",
  ]],
  ["a .rec file without its .idx", (folder) => Deno.copyFileSync(RECORDS, `${folder}/val.rec`), "/val.rec", [
    "there is no",
    "val.idx; download ",
    "val.idx again, or rebuild the index with: ",
    "/val.rec",
  ]],
  ["a file that is no .rec", (folder) => Deno.writeFileSync(`${folder}/faces`, Uint8Array.of(0x8f, 3, 0)), "/faces", [
    "it is neither a folder, nor a .rec file, nor an archive",
  ]],
  [
    "an unreadable index",
    (folder) => (Deno.mkdirSync(`${folder}/train.idx`), Deno.copyFileSync(RECORDS, `${folder}/train.rec`)),
    "",
    [
      "train.idx: it is a directory",
    ],
  ],
  ["a file name with a line feed", () => {}, "/no\nsuch", ["/no\\x0asuch"]],
];

for (const [name, prepare, path, parts] of PLACES) {
  Deno.test(name, async () => {
    using folder = temporaryFolder();
    using output = temporaryFolder();
    prepare(folder.path);
    assertRefused(await runUnrec(`--include=${folder.path}${path}`, `--output=${output.path}`), ...parts);
    assertEquals(treeOf(output.path), []);
  });
}

Deno.test("a key that is not in the index", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, [
    { key: 0, label: [3, 4], image: new Uint8Array() },
    { key: 1, label: 0, image: new Uint8Array(9) },
    { key: 3, label: [1, 3], image: new Uint8Array() },
  ]);
  assertRefused(
    await runUnrec(`--include=${folder.path}`, "--dry-run"),
    "identity record 3 names the images 1 to 2, but the index has no key 2",
  );
});

Deno.test("an output that is a file, and one below a file", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  for (
    const [output, why] of [["file", "it exists already"], ["file/images", "a part of the path is not a directory"]]
  ) {
    assertRefused(
      await runUnrec(`--include=${DATA}/header_last`, `--output=${folder.path}/${output}`),
      `Cannot make the output folder ${folder.path}/${output}: ${why}`,
      "give another --output",
    );
  }
});

Deno.test("an output path that is too long", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/${"long".repeat(64)}`;
  assertRefused(await runUnrec(`--include=${DATA}/header_last`, `--output=${output}`), "the path is too long");
  // Just short enough for the folder of the output and too long for the images in it.
  let deep = folder.path;
  while (deep.length < 4090 - 200) deep += `/${"x".repeat(200)}`;
  deep += `/${"y".repeat(4090 - deep.length - 1)}`;
  const finished = await runUnrec(`--include=${DATA}/header_last`, `--output=${deep}`);
  assertRefused(finished, "the path is too long");
});

Deno.test("a record that is as long as a header claims, in a file that is too short for it", async () => {
  using folder = temporaryFolder();
  const frames = put(encodeFrames(new Uint8Array(64)), 4, 2 ** 29 - 1);
  Deno.writeFileSync(`${folder.path}/train.rec`, frames);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, "1\t0\n");
  using output = temporaryFolder();
  assertRefused(
    await runUnrec(`--include=${folder.path}`, `--output=${output.path}`),
    "the file ends before it does, 536870848 bytes are missing",
  );
});
