/** `unrec pairs`: what it says of verification sets, what it writes, and how it ends. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { haltWhen, letGoOn } from "../halt.ts";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { bytesOf, expectedRows, PAIRS, SETS } from "../pickle/sets.ts";
import { complaints, type Finished, PROJECT, RUN, runUnrec, startUnrec } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists } from "../tree.ts";

const P3 = `${PAIRS}/pairs_p3.bin`;

/** The rows of a folder that was written: number, same, sha256 of both files. */
function rowsIn(folder: string): string[] {
  return Deno.readTextFileSync(`${folder}/pairs.tsv`).trimEnd().split("\n").map((line) => {
    const [number, same, ...files] = line.split("\t");
    return [number, same, ...files.map((file) => sumOf(`${folder}/${file}`))].join("\t");
  });
}

function sumOf(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

/** Asserts that it ended with one line that says why. */
function assertRefused(finished: Finished, code: number, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [code, "", 1], finished.stderr);
  for (const part of parts) assertStringIncludes(lines[0], part);
}

/** A set of as many pairs as are wanted, with small images that all differ. */
function manyPairs(pairs: number): Uint8Array<ArrayBuffer> {
  const images = Array.from({ length: 2 * pairs }, (_, i) => `C\x0c\xff\xd8\xff${`${i}`.padStart(9, "0")}`);
  return bytesOf(`\x80\x03](${images.join("")}e](${"\x88".repeat(pairs)}e\x86.`);
}

Deno.test("pairs: without an output it says what is in the sets", async () => {
  const { code, stdout, stderr } = await runUnrec("pairs", `--include=${P3},${PAIRS}/python3_shared_p5.bin`);
  assertEquals([code, stdout.trimEnd().split("\n")], [0, [
    `verification set  ${P3}`,
    "pairs             12: 6 of the same person, 6 of different ones",
    "images            24",
    "bytes             102,272 (102.3 kB)",
    "pickle protocol   3",
    "",
    `verification set  ${PAIRS}/python3_shared_p5.bin`,
    "pairs             4: 2 of the same person, 2 of different ones",
    "images            4, some of them in several pairs",
    "payloads          3 JPEG, 1 empty",
    "bytes             1,870 (1.9 kB)",
    "pickle protocol   5",
  ]]);
  assertEquals(stderr.trimEnd().split("\n"), [
    `unrec: Warning: ${PAIRS}/python3_shared_p5.bin has 1 image without any bytes, and so an empty file; the first one ` +
    "at byte 1855",
  ]);
});

Deno.test("pairs --json: the same as an object", async () => {
  const { code, stdout, stderr } = await runUnrec("pairs", `--include=${PAIRS}/pairs_numpy.bin`, "--json");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(JSON.parse(stdout), {
    status: "complete",
    error: null,
    sets: [{
      path: `${PAIRS}/pairs_numpy.bin`,
      bytes: 148_216,
      protocol: 2,
      trailingBytes: 0,
      pairs: 12,
      same: 8,
      different: 4,
      images: 24,
      payloads: { jpeg: 24 },
      notes: [],
      folder: null,
      writtenImages: null,
      alreadyComplete: false,
    }],
    output: null,
  });
});

Deno.test("pairs: a folder means every set in it; each goes to a folder, with the images and the list", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const args = ["pairs", `--include=${PAIRS}`, `--output=${output}`, "--json"];
  const { code, stdout } = await runUnrec(...args);
  const { status, sets } = JSON.parse(stdout);
  assertEquals([code, status, sets.length], [0, "complete", SETS.length]);
  const folders = SETS.map((name) => name.replace(/\.bin$/, ""));
  assertEquals(namesIn(output), folders);
  for (const [i, name] of SETS.entries()) {
    assertEquals(rowsIn(`${output}/${folders[i]}`), expectedRows(name));
    const set = sets.find(({ path }: { path: string }) => path === `${PAIRS}/${name}`);
    const written = namesIn(`${output}/${folders[i]}`).length - 1;
    assertEquals([set.folder, set.writtenImages, set.images, set.alreadyComplete], [
      `${output}/${folders[i]}`,
      written,
      written,
      false,
    ]);
  }
  assertEquals(namesIn(`${output}/pairs_p3`).slice(0, 3), ["00000_a.jpg", "00000_b.jpg", "00001_a.jpg"]);
  // What is used in several pairs is one file, and what is no image is not called one.
  assertEquals(namesIn(`${output}/python3_shared_p0`), [
    ...["00000_a.jpg", "00000_b.jpg", "00001_b.jpg", "00003_b.bin", "pairs.tsv"],
  ]);

  const before = Deno.statSync(`${output}/pairs_p3/pairs.tsv`);
  const again = JSON.parse((await runUnrec(...args)).stdout);
  assertEquals(again.sets.map(({ writtenImages }: { writtenImages: number }) => writtenImages), SETS.map(() => 0));
  assertEquals(again.sets.every(({ alreadyComplete }: { alreadyComplete: boolean }) => alreadyComplete), true);
  assertEquals(Deno.statSync(`${output}/pairs_p3/pairs.tsv`).ino, before.ino);
  const { stdout: text } = await runUnrec("pairs", `-i=${P3}`, `-o=${output}`);
  assertEquals(text, `Already complete: 24 images of 12 pairs in ${output}/pairs_p3\n`);
});

Deno.test("pairs: patterns, several files, names with commas and dots; each file once", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["a,b.bin", "10.bin", "9.bin", "...bin", "set"]) Deno.copyFileSync(P3, `${path}/${name}`);
  Deno.writeTextFileSync(`${path}/._9.bin`, "");
  Deno.writeTextFileSync(`${path}/notes.txt`, "");
  const read = async (...args: string[]) => {
    const { stdout, stderr } = await runUnrec("pairs", "--json", ...args);
    return JSON.parse(stdout || stderr).sets.map((set: { path: string }) => set.path.slice(path.length + 1));
  };
  assertEquals(await read(`--include=${path}`), ["9.bin", "10.bin", "a,b.bin"]);
  assertEquals(await read(`--include=${path}/*0.bin,${path}/a,b.bin`, `--include=${path}/set`), [
    ...["10.bin", "a,b.bin", "set"],
  ]);
  assertEquals(await read(`--include=${path}/9.bin,${path}/{9,10}.bin,${path}`), ["9.bin", "10.bin", "a,b.bin"]);
  assertEquals((await runUnrec("pairs", `--include=${path}/...bin,${path}/set`, `--output=${path}-out`)).code, 0);
  assertEquals(namesIn(`${path}-out`), ["...bin", "set"]);
  Deno.removeSync(`${path}-out`, { recursive: true });
});

Deno.test("pairs: two sets of one name are refused before anything is written", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  Deno.mkdirSync(`${path}/other`);
  Deno.copyFileSync(P3, `${path}/lfw.bin`);
  Deno.copyFileSync(P3, `${path}/other/LFW.bin`);
  const include = `--include=${path}/lfw.bin,${path}/other`;
  const finished = await runUnrec("pairs", include, `--output=${path}/out`);
  assertRefused(finished, 2, `${path}/lfw.bin and ${path}/other/LFW.bin would both be written to ${path}/out/LFW`);
  assertEquals([exists(`${path}/out`), (await runUnrec("pairs", include)).code], [false, 0]);
});

Deno.test("pairs: the output must not be in the folder of the sets", async () => {
  using folder = temporaryFolder();
  Deno.copyFileSync(P3, `${folder.path}/lfw.bin`);
  for (const include of [folder.path, `${folder.path}/*.bin`]) {
    for (const output of [folder.path, `${folder.path}/lfw.bin/x`]) {
      const finished = await runUnrec("pairs", `--include=${include}`, `--output=${output}`);
      assertRefused(finished, 2, "give the output a folder of its own");
    }
  }
  const inside = await runUnrec("pairs", `--include=${folder.path}`, `--output=${folder.path}/out`);
  assertRefused(inside, 2, "give the output a folder of its own");
  assertEquals(namesIn(folder.path), ["lfw.bin"]);
});

/** What a `.bin` file holds, what is said of it, and what to do. `$` stands for the file. */
const OTHERS: [string, Uint8Array<ArrayBuffer>, string, string][] = [
  ["nothing", bytesOf(""), "Cannot read a verification set: $ is empty: 0 bytes", "; download $ again"],
  [
    "a web page",
    bytesOf("<!DOCTYPE html><title>Quota</title>"),
    "Cannot read a verification set: $ is a web page",
    "$ again",
  ],
  [
    "zeros",
    new Uint8Array(9000),
    "Cannot read a verification set: $ is zeros from its beginning on",
    "download $ again",
  ],
  ["a Git LFS pointer", bytesOf("version https://git-lfs.github.com/spec/v1\n"), "$ is a Git LFS pointer", "lfs pull"],
  ["a ZIP archive", bytesOf("PK\x03\x04"), "$ is a ZIP archive", "unpacked with: unzip -d "],
  ["a checkpoint", bytesOf(`PK\x03\x04${"\0".repeat(22)}\x10\0\0\0archive/data.pkl`), "$ is a PyTorch checkpoint", ""],
  [
    "records",
    bytesOf("\x0a\x23\xd7\xce"),
    "$ is a file of records (RecordIO)",
    "decoded by unrec without the word pairs",
  ],
  [
    "gzip",
    bytesOf("\x1f\x8b\x08\0"),
    "$ is compressed with gzip",
    "inflate it with: mv -n -- $ $.gz && gzip -d -- $.gz",
  ],
  ["text", bytesOf("404: Not Found\n"), 'Cannot read a verification set: $ is text: "404: Not Found"', "$ again"],
  ["text that may be a pickle", bytesOf("(Quota)\n"), "Cannot read $: at byte 1 its pickle has BINPERSID", ""],
  ["a dict", bytesOf("\x80\x02}q\0."), "Cannot read $: at byte 2 its pickle has EMPTY_DICT, which is in no", ""],
  [
    "a program",
    bytesOf("\x80\x04cos\nsystem\n"),
    "Cannot read $: at byte 2 its pickle names os.system, which is in",
    "",
  ],
  [
    "half of a set",
    Deno.readFileSync(P3).slice(0, 50_000),
    "it is cut: it ends at byte 50000, within the BINBYTES",
    "$ again",
  ],
];

for (const [what, bytes, why, next] of OTHERS) {
  Deno.test(`pairs: ${what} in place of a set is one line that says so, in JSON too`, async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/lfw.bin`;
    Deno.writeFileSync(file, bytes);
    const args = ["pairs", `--include=${folder.path}`, `--output=${folder.path}-out`];
    const parts = [why, next].map((part) => part.replaceAll("$", file));
    assertRefused(await runUnrec(...args), 1, ...parts);
    const { code, stdout, stderr } = await runUnrec(...args, "--json");
    const { status, error, sets } = JSON.parse(stdout);
    assertEquals([code, status, sets, `unrec: ${error}\n`], [1, "failed", [], stderr]);
    assertEquals(exists(`${folder.path}-out`), false);
  });
}

Deno.test("pairs: nothing to read is one line that says so", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const run = (include: string) => runUnrec("pairs", `--include=${include}`);
  assertRefused(await run(path), 1, `sets at ${path}: there is no .bin file in this folder`);
  assertRefused(await run(`${path}/x.bin`), 1, `sets at ${path}/x.bin: there is no such file or directory`);
  assertRefused(await run(`${path}/*.bin`), 1, "the pattern matches no file, and no folder with .bin files");
  assertRefused(await runUnrec("pairs"), 2, "--include=FILE[,FILE...] is missing");
});

testUnless(WHY_NO_LINUX, "pairs: a file that is no regular one, and one of more than 2 GiB", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  Deno.symlinkSync("/dev/zero", `${path}/zero.bin`);
  assertRefused(await runUnrec("pairs", `--include=${path}/zero.bin`), 1, "zero.bin: it is no regular file");
  assertRefused(await runUnrec("pairs", `--include=${path}`), 1, "there is no .bin file in this folder");
  using file = Deno.openSync(`${path}/large.bin`, { write: true, create: true });
  file.truncateSync(2 ** 31);
  assertRefused(
    await runUnrec("pairs", `--include=${path}/large.bin`),
    1,
    "it has 2147483648 bytes, and verification",
  );
});

Deno.test("pairs: bytes after the pickle, and images that are none, are warned of", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/x.bin`;
  Deno.writeFileSync(file, bytesOf("\x80\x03](C\x04GIF8C\x06GIF89ae]\x88a\x86.more"));
  const { code, stderr } = await runUnrec("pairs", `--include=${file}`, `--output=${folder.path}/out`);
  assertEquals([code, stderr.trimEnd().split("\n")], [0, [
    `unrec: Warning: ${file} has 1 image beginning as no known kind of image does; the first one at byte 4`,
    `unrec: Warning: ${file} has 4 bytes after its pickle, which are not read`,
  ]]);
  assertEquals(namesIn(`${folder.path}/out/x`), ["00000_a.bin", "00000_b.gif", "pairs.tsv"]);
});

Deno.test("pairs: other files in the folder are refused, and what is told to do works", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const set = `${output}/pairs_p3`;
  Deno.mkdirSync(set, { recursive: true });
  Deno.writeTextFileSync(`${set}/notes`, "mine");
  const args = ["pairs", `--include=${P3}`, `--output=${output}`];
  const foreign = await runUnrec(...args);
  assertRefused(
    foreign,
    1,
    `Cannot write to ${set}: it holds notes, not of this verification set; give another --output`,
  );
  assertEquals(namesIn(set), ["notes"]);
  const pasted = await paste(commandAfter(foreign.stderr, "write among them, over the same names, with"));
  assertEquals([pasted.code, rowsIn(set)], [0, expectedRows("pairs_p3.bin")], pasted.stderr);
  // Where the list is, the set is complete, whatever else there is.
  assertEquals((await runUnrec(...args)).code, 0);

  const other = [`--include=${folder.path}/pairs_p3.bin`, `--output=${output}`];
  Deno.copyFileSync(`${PAIRS}/pairs_p4.bin`, `${folder.path}/pairs_p3.bin`);
  Deno.removeSync(`${set}/notes`);
  assertRefused(await runUnrec("pairs", ...other), 1, `${set}: it holds pairs.tsv, not of this verification set;`);
  assertEquals(rowsIn(set), expectedRows("pairs_p3.bin"));
  Deno.removeSync(`${set}/pairs.tsv`);
  const before = sumOf(`${set}/00000_a.jpg`);
  assertRefused(await runUnrec("pairs", ...other), 1, `Cannot write ${set}/00000_a.jpg: what is there is another file`);
  assertEquals([sumOf(`${set}/00000_a.jpg`), namesIn(set).length], [before, 24]);
  const overwritten = await runUnrec("pairs", ...other, "--overwrite");
  assertEquals([overwritten.code, rowsIn(set)], [0, expectedRows("pairs_p4.bin")], overwritten.stderr);
});

testUnless(WHY_NO_UNIX, "pairs: no link in the output is followed", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  Deno.mkdirSync(`${path}/elsewhere`);
  Deno.mkdirSync(`${path}/out`);
  Deno.symlinkSync(`${path}/elsewhere`, `${path}/out/pairs_p3`);
  const args = ["pairs", `--include=${P3}`, `--output=${path}/out`, "--overwrite"];
  assertRefused(await runUnrec(...args), 1, "Cannot make the folder", "it is a symbolic link");
  Deno.removeSync(`${path}/out/pairs_p3`);
  Deno.mkdirSync(`${path}/out/pairs_p3`);
  Deno.writeTextFileSync(`${path}/elsewhere/file`, "mine");
  Deno.symlinkSync(`${path}/elsewhere/file`, `${path}/out/pairs_p3/00000_a.jpg`);
  assertRefused(await runUnrec(...args), 1, "00000_a.jpg: it is a symbolic link");
  Deno.removeSync(`${path}/out/pairs_p3/00000_a.jpg`);
  Deno.symlinkSync(`${path}/elsewhere/file`, `${path}/out/pairs_p3/pairs.tsv`);
  assertEquals((await runUnrec(...args)).code, 0);
  assertEquals(Deno.readTextFileSync(`${path}/elsewhere/file`), "mine");
  assertEquals(rowsIn(`${path}/out/pairs_p3`), expectedRows("pairs_p3.bin"));
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  testUnless(
    WHY_NO_UNIX,
    `pairs: ${signal} finishes the image begun and exits ${code}; the same command writes the others`,
    async () => {
      using folder = temporaryFolder("/dev/shm");
      const pairs = 30_000;
      Deno.writeFileSync(`${folder.path}/many.bin`, manyPairs(pairs));
      const output = `${folder.path}/out`;
      const child = startUnrec(["pairs", `--include=${folder.path}/many.bin`, `--output=${output}`, "--json"]);
      await haltWhen(child.pid, () => exists(`${output}/many/00000_a.jpg`));
      child.kill(signal);
      letGoOn(child.pid);
      const ended = await child.output();
      const said = new TextDecoder().decode(ended.stderr);
      const { status, error, sets } = JSON.parse(new TextDecoder().decode(ended.stdout));
      assertEquals([ended.code, status, error, sets[0].writtenImages], [code, "interrupted", null, null], said);
      const there = namesIn(`${output}/many`);
      assert(there.length > 0 && there.length < 2 * pairs, `${there.length} of ${2 * pairs}`);
      assertStringIncludes(
        said,
        `Interrupted: 0 of 1 set complete in ${output}, each image there is whole; to go on: `,
      );
      assertEquals(there.filter((name) => Deno.statSync(`${output}/many/${name}`).size !== 12), []);
      const again = await paste(commandAfter(said, "to go on"));
      assertEquals(again.code, 0, again.stderr);
      assertEquals(JSON.parse(again.stdout).sets[0].writtenImages, 2 * pairs - there.length);
      assertEquals(namesIn(`${output}/many`).length, 2 * pairs + 1);
    },
  );
}

testUnless(
  WHY_NO_SMALL_DISK,
  "pairs: a full disk is one line, leaves no part of a file, and is gone on from",
  async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/disk`;
    using disk = mountSmall(output, "size=80k");
    const args = ["pairs", `--include=${P3}`, `--output=${output}`];
    const full = await runUnrec(...args);
    assertRefused(
      full,
      1,
      "the disk is full (no space or no inodes left). Written before: ",
      "each whole; when that is put",
    );
    const set = `${output}/pairs_p3`;
    const sums = new Set(expectedRows("pairs_p3.bin").flatMap((row) => row.split("\t").slice(2)));
    const there = namesIn(set);
    assert(there.length > 0 && there.every((name) => sums.has(sumOf(`${set}/${name}`))), there.join());
    disk.remount("size=1m");
    const again = await paste(commandAfter(full.stderr, "the same command goes on from there"));
    assertStringIncludes(again.stdout, `${24 - there.length}; the other ${there.length} were there\n`);
    assertEquals([again.code, rowsIn(set)], [0, expectedRows("pairs_p3.bin")], again.stderr);
  },
);

testUnless(
  WHY_NO_LINUX,
  "pairs: a file of 32 MB that makes as much as it can of its opcodes takes 10 times its size of memory at most",
  async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/x.bin`;
    const megabytes = 2 ** 20;
    Deno.writeFileSync(file, new Uint8Array(32 * megabytes).map((_, i) => i % 2 === 0 ? 0x43 : 0));
    const args = [...RUN.slice(0, -1), `${PROJECT}tests/peak_memory.ts`, "pairs", `--include=${file}`];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assertStringIncludes(new TextDecoder().decode(stderr), "opcodes, too many for its images");
    const peak = Number(new TextDecoder().decode(stdout));
    assert(peak < (100 + 10 * 32) * megabytes, `${peak} bytes`);
  },
);

Deno.test("decode: a verification set is named, and the command that reads it works", async () => {
  const finished = await runUnrec(`--include=${P3}`, `--output=${join(DATA, "none")}`);
  assertRefused(finished, 1, `${P3} is a Python pickle, as the verification sets lfw.bin and cfp_fp.bin are`);
  const { code, stdout } = await paste(commandAfter(finished.stderr, "see what is in it with"));
  assertEquals([code, stdout.includes("pairs             12: 6 of the same person")], [0, true]);
});
