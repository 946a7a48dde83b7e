/** Archives that inflate to much more than they are: no more memory is used than is promised, and a line says why. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { testUnless, WHY_NO_LINUX } from "../../needs.ts";
import { PROJECT, RUN, runUnrec } from "../../run_unrec.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { DATA } from "../../tree.ts";
import { encodeRecord } from "../../write_dataset.ts";
import { makeTar, tarHeader } from "./make_archive.ts";
import { joined } from "./make_zip.ts";

/** What is promised of any archive whose records are not that large themselves: `unrec help archives`. */
const MOST_MEMORY = 500e6;

/** Bytes, many times one after the other. */
function repeated(bytes: Uint8Array, times: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

/** An archive with one file. */
function archiveOf(path: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined([tarHeader(path, bytes.length, "0"), bytes, new Uint8Array(-bytes.length & 511)]);
}

/** Lines of an index with keys that rise by 2, so that none follows the one before it. */
function scatteredLines(count: number): Uint8Array<ArrayBuffer> {
  const lines = Array.from({ length: 100_000 }, (_, i) => `${10_000_000 + 2 * i}\t${i}\n`).join("");
  return repeated(new TextEncoder().encode(lines), Math.ceil(count / 100_000));
}

const index = Deno.readFileSync(`${DATA}/glint_mini/train.idx`);
const record = encodeRecord({ key: 1, label: [1, 2], image: new Uint8Array() });

const BOMBS: [string, () => Uint8Array, code: number, string][] = [
  [
    "zeros after the end",
    () => joined([makeTar({ names: ["glint_mini"], gzip: false }), new Uint8Array(3e8)]),
    0,
    "82",
  ],
  ["nothing but zeros", () => new Uint8Array(1.4e9), 1, "it is no tar archive, or an empty one"],
  [
    "an index of one line",
    () => archiveOf("a/train.idx", repeated(new TextEncoder().encode("0\t0\n"), 2e7)),
    1,
    "is too long to be kept in memory",
  ],
  ["an index of many keys", () => archiveOf("a/train.idx", scatteredLines(1e7)), 1, "is too long to be kept in memory"],
  [
    "30,000 folders with an index each",
    () => joined(Array.from({ length: 30_000 }, (_, i) => archiveOf(`${i}/train.idx`, index))),
    1,
    "it has more than 10000 datasets",
  ],
  ["identity records", () => archiveOf("a/train.rec", repeated(record, 4e6)), 1, "records without an image"],
  ["a property file", () => archiveOf("a/property", new Uint8Array(5e8).fill(65)), 1, "there is no train.rec in it"],
];

for (const [name, make, code, message] of BOMBS) {
  testUnless(WHY_NO_LINUX, `in little memory: ${name}`, async () => {
    using folder = temporaryFolder();
    Deno.writeFileSync(`${folder.path}/bomb.tgz`, gzipSync(make(), { level: 1 }));
    for (const jobs of [1, 2]) {
      const output = `${folder.path}/images${jobs}`;
      const finished = await new Deno.Command(Deno.execPath(), {
        args: [
          ...RUN.slice(0, -1),
          `${PROJECT}tests/peak_memory.ts`,
          `--include=${folder.path}/bomb.tgz`,
          `--output=${output}`,
          `--jobs=${jobs}`,
        ],
      }).output();
      const [stdout, stderr] = [finished.stdout, finished.stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertStringIncludes(code === 0 ? stdout : stderr, message);
      const peak = Number(stdout.trim().split("\n").at(-1));
      assert(peak > 0 && peak < MOST_MEMORY, `--jobs=${jobs}: ${peak} bytes`);
    }
  });
}

Deno.test("a file of checksums of 2 GB is refused at its beginning", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  using sums = Deno.openSync(`${folder.path}/sums`, { write: true, createNew: true });
  sums.truncateSync(2e9);
  const args = [`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`];
  const { code, stderr } = await runUnrec(...args, `--checksums=${folder.path}/sums`);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot read the checksums ${folder.path}/sums: it has more than 1048576 bytes`);
});
