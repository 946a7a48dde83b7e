/**
 * Files that are something else than their names say: one line says what they are, and what to do next. What it tells to
 * do is done here, and it works.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { testUnless, whyMissing } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../tree.ts";
import { encodeFrames } from "../write_dataset.ts";

const CASES = `${DATA}/cases`;
const ENGINES = ["--engine=wasm", "--engine=ts"];

const utf8 = (text: string) => new TextEncoder().encode(text);
/** Bytes, where a letter is one. */
const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

const QUOTA = "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>\n";
const DOWNLOAD = "; download $/train.rec again";
const FOR = (reader: string) => `; that is for ${reader}; unrec reads image records, as MXNet's tools write them`;
const RENAME = (ending: string) =>
  `; give --include=$/train${ending} in place of it, once it is renamed with: mv -n -- $/train.rec $/train${ending}`;

/** What train.rec holds, what it is said to be, and what to do. `$` stands for the folder. */
const RECORDS: [string, Uint8Array, string, string][] = [
  ["nothing", utf8(""), "empty: 0 bytes; the download did not begin or was cut", DOWNLOAD],
  ["zeros", new Uint8Array(70_000), "zeros from its beginning on: room was made for a download", DOWNLOAD],
  ["a web page", utf8(QUOTA), 'a web page, as servers send it of a download quota or a login: "Google Drive', DOWNLOAD],
  ["XML", utf8("<Error><Code>NoSuchKey</Code></Error>"), 'XML, as servers send it with an error: "<Error>', DOWNLOAD],
  ["JSON", utf8('{"error":"gone"}'), 'JSON, as servers send it with an error: "{"error":"gone"}"', DOWNLOAD],
  ["text", utf8("404: Not Found"), 'text: "404: Not Found"', DOWNLOAD],
  ["an image", latin1("\xff\xd8\xff\xe0\0\x10JFIF\0"), "one image (JPEG)", DOWNLOAD],
  ["a list", utf8("0\t1.0\ta/b.jpg\n"), "a list of images (.lst), which im2rec packs into records", DOWNLOAD],
  ["an index", utf8("0\t0\n1\t100\n"), "the text of an index (key TAB offset)", DOWNLOAD],
  [
    "a Git LFS pointer",
    utf8("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n"),
    "a Git LFS pointer, which stands for a file that was not fetched",
    "; fetch that with: git -C $ lfs pull, or download $/train.rec again",
  ],
  ["ZIP", Deno.readFileSync(`${CASES}/zip_named_rec/train.rec`), "a ZIP archive", RENAME(".zip")],
  ["tar", makeTar({ names: ["header_last"], gzip: false }), "a tar archive", RENAME(".tar")],
  ["tar.gz", makeTar({ names: ["header_last"] }), "a tar archive, compressed with gzip", RENAME(".tar.gz")],
  [
    "xz",
    latin1("\xfd7zXZ\0\0\x04"),
    "compressed with xz",
    "; inflate it with: mv -n -- $/train.rec $/train.rec.xz && xz -d -- $/train.rec.xz",
  ],
  [
    "RAR",
    latin1("Rar!\x1a\x07\0"),
    "a RAR archive",
    "; give --include=$/unpacked, once it is unpacked with: 7z x -o$/unpacked -- $/train.rec",
  ],
  ["TFRecord", latin1("\x0a\0\0\0\0\0\0\0\xae\xa3\xbf\x3a"), "a TFRecord file", FOR("tf.data.TFRecordDataset")],
  [
    "SageMaker's RecordIO",
    encodeFrames(latin1("\x0a\x0e\x0a\x06values\x12\x04abcd")),
    "RecordIO of SageMaker, whose records are protobuf messages",
    FOR("SageMaker's own library"),
  ],
  [
    "other RecordIO",
    encodeFrames(utf8("some text that is no image")),
    "RecordIO, but its records lack the header that MXNet gives to images",
    FOR("mxnet.recordio.MXRecordIO"),
  ],
  ["Parquet", latin1("PAR1\x15\x04"), "a Parquet file", FOR("pyarrow")],
  ["HDF5", latin1("\x89HDF\r\n\x1a\n\0"), "an HDF5 file", FOR("h5py")],
  [
    "a pickle",
    latin1("\x80\x03]q\0"),
    "a Python pickle, as the verification sets lfw.bin",
    "pairs --include=$/train.rec",
  ],
];

for (const [name, bytes, what, next] of RECORDS) {
  Deno.test(`train.rec that is something else: ${name}`, async () => {
    using folder = temporaryFolder();
    const set = `${folder.path}/set`;
    Deno.mkdirSync(set);
    Deno.writeFileSync(`${set}/train.rec`, bytes);
    const expected = [`Cannot read records: ${set}/train.rec is ${what}`, next.replaceAll("$", set)];
    const output = `${folder.path}/images`;
    // Whatever the index is, there is nothing that it could be of.
    for (const index of [undefined, "", "0\t0\n1\t100\n"]) {
      if (index !== undefined) Deno.writeTextFileSync(`${set}/train.idx`, index);
      for (const more of [[], ["--on-error=skip"], ["--dry-run"]]) {
        assertSays(await runUnrec(`--include=${set}`, `--output=${output}`, ...more), ...expected);
      }
    }
    for (const engine of ENGINES) {
      assertSays(await runUnrec(`--include=${set}/train.rec`, `--output=${output}`, engine), ...expected);
      assertSays(await runUnrec("index", `--include=${set}`, "--on-error=skip", engine), ...expected);
      assertSays(await runUnrec("verify", `--include=${set}`, "--quiet", engine), ...expected);
    }
    assertEquals([exists(output), Deno.readTextFileSync(`${set}/train.idx`)], [false, "0\t0\n1\t100\n"]);
  });
}

/** What train.idx holds, and what is said of it. `$` stands for the folder. */
const INDICES: [string, Uint8Array, string][] = [
  ["nothing", utf8(""), "Cannot read the index: $/train.idx is empty: 0 bytes; the download did not begin or was cut"],
  [
    "a web page",
    utf8(QUOTA),
    "Cannot read the index: $/train.idx is a web page, as servers send it of a download quota",
  ],
  ["zeros", new Uint8Array(3000), "Cannot read the index: $/train.idx is zeros from its beginning on"],
  ["UTF-16", latin1("\xff\xfe0\0\t\x000\0\n\0"), "Cannot read the index: $/train.idx is text in UTF-16"],
  [
    "records",
    Deno.readFileSync(`${DATA}/header_last/train.rec`),
    "Cannot read the index: $/train.idx is a file of records",
  ],
  ["ZIP", latin1("PK\x03\x04"), "Cannot read the index: $/train.idx is a ZIP archive"],
  ["gzip", gzipSync("0\t0\n"), "Cannot read the index: $/train.idx is compressed with gzip"],
  ["blank lines", utf8("\n\n"), 'Cannot read the index $/train.idx: line 1 is not `key TAB offset`: ""'],
  ...[
    ["index_with_spaces", 'Cannot read the index $/train.idx: line 1 is not `key TAB offset`: "0 0"'],
    ["index_with_floats", 'Cannot read the index $/train.idx: line 1 is not `key TAB offset`: "0.0\\t0"'],
    ["index_with_cr_only", 'Cannot read the index $/train.idx: line 1 is not `key TAB offset`: "0\\t0\\r1\\t64\\r'],
    ["index_with_minus_one", "Cannot read the index $/train.idx: line 7 is not `key TAB offset`: "],
  ].map(([name, says]): [string, Uint8Array, string] => [name, Deno.readFileSync(`${CASES}/${name}/train.idx`), says]),
];

for (const [name, bytes, says] of INDICES) {
  Deno.test(`train.idx that is something else can be made anew: ${name}`, async () => {
    using folder = temporaryFolder();
    const set = `${folder.path}/my set`;
    copyFolder(`${DATA}/header_last`, set);
    Deno.writeFileSync(`${set}/train.idx`, bytes);
    const decode = (engine: string) => runUnrec(`--include=${set}`, `--output=${folder.path}/images`, engine);
    for (const engine of ENGINES) {
      assertSays(await decode(engine), says.replaceAll("$", set), ", or rebuild the index with: ");
      const verified = await runUnrec("verify", `--include=${set}`, "--quiet", engine);
      assertEquals(verified.code, 1);
      assertStringIncludes(verified.stderr, says.replaceAll("$", set));
    }
    const made = await paste(commandAfter((await decode(ENGINES[0])).stderr, "rebuild the index with"));
    assertEquals(made.code, 0, made.stderr);
    assertEquals((await decode(ENGINES[0])).code, 0);
    assertEquals(treeOf(`${folder.path}/images`), expectedTree("header_last"));
  });
}

for (const name of ["index_with_bom", "index_with_blank_line"]) {
  Deno.test(`what an editor leaves in an index is no matter: ${name}`, async () => {
    using folder = temporaryFolder();
    // The same records with an index as MXNet writes it.
    copyFolder(`${CASES}/${name}`, `${folder.path}/plain`);
    Deno.writeTextFileSync(`${folder.path}/plain/train.idx`, "0\t0\n1\t64\n2\t128\n3\t192\n");
    for (const engine of ENGINES) {
      for (const set of [`${folder.path}/plain`, `${CASES}/${name}`]) {
        const output = `${folder.path}/${engine}${set.endsWith("plain") ? "plain" : "edited"}`;
        const finished = await runUnrec(`--include=${set}`, `--output=${output}`, engine);
        assertEquals([finished.code, complaints(finished)], [0, []]);
      }
      assertEquals(treeOf(`${folder.path}/${engine}edited`), treeOf(`${folder.path}/${engine}plain`));
      assertEquals((await runUnrec("verify", `--include=${CASES}/${name}`, "--quiet", engine)).code, 0);
    }
  });
}

/**
 * Name, what is done to a folder with `header_last`, the words before what is to be pasted, what is given then, the
 * program that is needed.
 */
const MENDED: [string, (set: string) => void, string, string, program?: string][] = [
  [
    "a ZIP archive under the name of records",
    (set) => {
      const zip = ["-q", "-r", `${set}/faces.zip`, "header_last"];
      assert(new Deno.Command("zip", { args: zip, cwd: DATA }).outputSync().success);
      Deno.renameSync(`${set}/faces.zip`, `${set}/train.rec`);
    },
    "once it is renamed with",
    "/train.zip",
    "zip",
  ],
  [
    "a tar archive under the name of records",
    (set) => Deno.writeFileSync(`${set}/train.rec`, makeTar({ names: ["header_last"] })),
    "once it is renamed with",
    "/train.tar.gz",
  ],
  [
    "records that are compressed, under their own name",
    (set) => Deno.writeFileSync(`${set}/train.rec`, gzipSync(Deno.readFileSync(`${set}/train.rec`))),
    "inflate it with",
    "",
  ],
  [
    "records that are compressed with xz, under their own name",
    (set) => {
      assert(new Deno.Command("xz", { args: [`${set}/train.rec`] }).outputSync().success);
      Deno.renameSync(`${set}/train.rec.xz`, `${set}/train.rec`);
    },
    "inflate it with",
    "",
    "xz",
  ],
  [
    "an index that is compressed",
    (set) => Deno.writeFileSync(`${set}/train.idx`, gzipSync(Deno.readFileSync(`${set}/train.idx`))),
    "inflate it with",
    "",
  ],
  [
    "records and index with each other's names",
    (set) => {
      Deno.renameSync(`${set}/train.rec`, `${set}/x`);
      Deno.renameSync(`${set}/train.idx`, `${set}/train.rec`);
      Deno.renameSync(`${set}/x`, `${set}/train.idx`);
    },
    "give them each other's names with",
    "",
  ],
];

for (const [name, change, words, include, program] of MENDED) {
  testUnless(program && whyMissing(program), `what is told mends it: ${name}`, async () => {
    using folder = temporaryFolder();
    const set = `${folder.path}/it's my set`;
    copyFolder(`${DATA}/header_last`, set);
    change(set);
    const output = `${folder.path}/images`;
    const refused = await runUnrec(`--include=${set}`, `--output=${output}`);
    assertSays(refused);
    const pasted = await paste(commandAfter(refused.stderr, words));
    assertEquals([pasted.code, pasted.stderr], [0, ""]);
    const finished = await runUnrec(`--include=${set}${include}`, `--output=${output}`);
    assertEquals(finished.code, 0, finished.stderr);
    assertEquals(treeOf(output), expectedTree("header_last"));
  });
}

Deno.test("records under another name are renamed, and their index is made", async () => {
  using folder = temporaryFolder();
  Deno.copyFileSync(`${DATA}/header_last/train.rec`, `${folder.path}/faces.dat`);
  const output = `${folder.path}/images`;
  const refused = await runUnrec(`--include=${folder.path}/faces.dat`, `--output=${output}`);
  assertSays(
    refused,
    `Cannot open a dataset: ${folder.path}/faces.dat is a file of records (RecordIO); give --include=`,
  );
  assertEquals((await paste(commandAfter(refused.stderr, "once it is renamed with"))).code, 0);
  const noIndex = await runUnrec(`--include=${folder.path}/faces.rec`, `--output=${output}`);
  assertEquals((await paste(commandAfter(noIndex.stderr, "rebuild the index with"))).code, 0);
  assertEquals((await runUnrec(`--include=${folder.path}/faces.rec`, `--output=${output}`)).code, 0);
  assertEquals(treeOf(output), expectedTree("header_last"));
});

Deno.test("zeros before the first record are told as a download that is not complete; the rest can be written", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  copyFolder(`${DATA}/no_identity`, set);
  const records = Deno.readFileSync(`${set}/train.rec`);
  const [, second] = Deno.readTextFileSync(`${set}/train.idx`).split("\n").map((line) => Number(line.split("\t")[1]));
  records.fill(0, 0, second);
  Deno.writeFileSync(`${set}/train.rec`, records);
  const output = `${folder.path}/images`;
  const finished = await runUnrec(`--include=${set}`, `--output=${output}`);
  assertSays(finished, "at byte 0 of ", "the file begins with zeros, so its download is not complete", "; download ");
  const skipped = await paste(commandAfter(finished.stderr, "write all that is whole with"));
  assertEquals([skipped.code, treeOf(output).length], [1, 39], skipped.stderr);
});

Deno.test("a file that is cut before record 0, its last record: named, and all images can be written", async () => {
  for (const engine of ENGINES) {
    using folder = temporaryFolder();
    const output = `${folder.path}/images`;
    const refused = await runUnrec(`--include=${CASES}/cut_header_last`, `--output=${output}`, engine);
    assertSays(refused, "of key 0 at byte 512 of ", "that is outside the file, which has 512 bytes", "is not complete");
    const skipped = await paste(commandAfter(refused.stderr, "write all that is whole with"));
    assertEquals([skipped.code, treeOf(output).length], [1, 6], skipped.stderr);
    // An index made of what is there helps no more than the old one, and says so.
    copyFolder(`${CASES}/cut_header_last`, `${folder.path}/set`);
    const made = await runUnrec("index", `--include=${folder.path}/set`, engine);
    assertSays(made, "its last records are identity records, and there is no record 0");
  }
});

Deno.test("a run that ended at damage goes on with --on-error=skip", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const include = `--include=${CASES}/damage_in_the_middle`;
  const stopped = await runUnrec(include, `--output=${output}`, "--jobs=1", "--chunk-size=256");
  assertSays(stopped, "Cannot read the record of key 20 at byte 1280", "Written before: 20 images");
  const going = await paste(commandAfter(stopped.stderr, "write all that is whole with"));
  assertEquals([going.code, treeOf(output).length], [1, 39], going.stderr);
  assertStringIncludes(going.stderr, "Going on where an earlier run ended: ");
});
