/** ZIP archives decoded by the command line, and against those who mean harm. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { crc32 } from "node:zlib";
import { createHash } from "node:crypto";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX, whyMissing } from "../../needs.ts";
import { commandAfter, paste } from "../../paste.ts";
import { complaints, type Finished, PROJECT, RUN, runUnrec, startUnrec } from "../../run_unrec.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree, treeOf } from "../../tree.ts";
import { encodeRecord, seededRandom } from "../../write_dataset.ts";
import { makeTar } from "./make_archive.ts";
import { centralDirectory, filesOf, joined, localHeader, makeZip, type Written, type ZippedFile } from "./make_zip.ts";

/** How the command line is run: with both engines, in one thread and in two, in chunks of many sizes. */
const WAYS = [["--jobs=1", "--engine=ts"], ["--jobs=2", "--engine=wasm", "--chunk-size=300"]];

/** Decodes bytes as an archive; what it is, its name does not say. */
async function decode(bytes: Uint8Array, folder: string, ...how: string[]): Promise<Finished & { tree: string[] }> {
  Deno.writeFileSync(`${folder}/archive`, bytes);
  const output = `${folder}/images`;
  const finished = await runUnrec(`--include=${folder}/archive`, `--output=${output}`, "--restart", ...how);
  let tree: string[] = [];
  try {
    tree = treeOf(output);
  } catch {
    // Nothing was written.
  }
  return { ...finished, tree };
}

function assertRefused(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished).filter((line) => !line.startsWith("unrec: Warning: "));
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  for (const part of ["unrec: Cannot ", ...parts]) assertStringIncludes(lines[0], part);
}

const FORMS: [string, Partial<ZippedFile>][] = [
  ["deflated", {}],
  ["stored", { method: 0 }],
  ["deflated, Zip64", { zip64: true }],
  ["stored, Zip64", { zip64: true, method: 0 }],
  ["written into a pipe", { streamed: true }],
  ["written into a pipe, Zip64", { streamed: true, zip64: true }],
];

for (const [form, how] of FORMS) {
  Deno.test(`${form}: the sample datasets, each in a ZIP archive`, async () => {
    using folder = temporaryFolder();
    for (const [i, expected] of EXPECTED.entries()) {
      const files = filesOf(...expected.split("+")).map((file) => ({ ...file, ...how }));
      const { code, stderr, tree } = await decode(makeZip(files), folder.path, ...WAYS[i % WAYS.length]);
      assertEquals([code, tree], [0, expectedTree(expected)], stderr);
    }
  });
}

Deno.test("a ZIP archive by its name, in a folder, by a pattern", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/zips`);
  Deno.writeFileSync(`${folder.path}/zips/1.zip`, makeZip(filesOf("glint_mini")));
  Deno.writeFileSync(`${folder.path}/zips/2.zip`, makeZip(filesOf("second_source")));
  const both = `${folder.path}/zips/1.zip,${folder.path}/zips/2.zip`;
  for (const [i, include] of [both, `${folder.path}/zips`, `${folder.path}/zips/*.zip`].entries()) {
    for (const how of WAYS) {
      const output = `${folder.path}/images${i}${how[0]}`;
      const { code, stderr } = await runUnrec(`--include=${include}`, `--output=${output}`, ...how);
      assertEquals([code, treeOf(output)], [0, expectedTree("glint_mini+second_source")], stderr);
    }
  }
});

Deno.test("the set that was reported: decoded, and again nothing to do", async () => {
  using folder = temporaryFolder();
  const args = [`--include=${DATA}/cases/zip/faces_toy_112x112.zip`, `--output=${folder.path}/images`];
  for (const said of ["images            6", "Already complete"]) {
    const { code, stdout, stderr } = await runUnrec(...args);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, said);
  }
  assertEquals(treeOf(`${folder.path}/images`).length, 6);
});

Deno.test("index and property are read before the records, wherever they lie; other files are not read at all", async () => {
  using folder = temporaryFolder();
  const [property, index, records] = filesOf("glint_mini");
  const broken = { path: "glint_mini/image.jpg", bytes: new Uint8Array(9), claims: { crc: 1 } };
  for (const files of [[records, index, property], [index, broken, records, property], [property, records, index]]) {
    const { code, stderr, tree } = await decode(makeZip(files), folder.path);
    assertEquals([code, tree], [0, expectedTree("glint_mini")], stderr);
    assertStringIncludes(stderr, "property 24,112,112");
  }
  const wrong = { ...index, bytes: new TextEncoder().encode("0\tnowhere\n") };
  const finished = await decode(makeZip([records, wrong]), folder.path);
  assertRefused(finished, "is not `key TAB offset`", "Written before: nothing was written", "unpacked with: unzip -d ");
});

Deno.test("--relabel, --keep-rec and --checksums do what they do with tar archives", async () => {
  using folder = temporaryFolder();
  const files = filesOf("glint_mini", "second_source");
  const sums = files.map(({ bytes, path }) => `${md5(bytes)}  ${path.split("/")[1]}`);
  Deno.writeTextFileSync(`${folder.path}/sums`, sums.slice(0, 1).join("\n"));
  const kept = `${folder.path}/kept`;
  const { code, stderr, tree } = await decode(makeZip(files), folder.path, "--relabel", `--keep-rec=${kept}`);
  assertEquals(code, 0, stderr);
  await runUnrec(`--include=${DATA}/glint_mini,${DATA}/second_source`, `--output=${folder.path}/two`, "--relabel");
  assertEquals(tree, treeOf(`${folder.path}/two`));
  for (const { path, bytes } of files) assertEquals(Deno.readFileSync(`${kept}/${path}`), bytes);
  const one = filesOf("glint_mini");
  Deno.writeTextFileSync(`${folder.path}/good`, one.map(({ bytes, path }) => `${md5(bytes)}  ${path}\n`).join(""));
  assertEquals((await decode(makeZip(one), folder.path, `--checksums=${folder.path}/good`)).code, 0);
  Deno.writeTextFileSync(`${folder.path}/bad`, `${md5(new Uint8Array(1))}  train.idx\n`);
  assertRefused(
    await decode(makeZip(one), folder.path, `--checksums=${folder.path}/bad`),
    `Cannot trust glint_mini/train.idx in ${folder.path}/archive: its md5 is`,
  );
});

Deno.test("paths that lead out, links and folders write nothing outside, and the rest is decoded", async () => {
  using folder = temporaryFolder();
  const bytes = Deno.readFileSync(`${DATA}/glint_mini/train.rec`);
  const files: ZippedFile[] = [
    { path: "../train.rec", bytes },
    { path: `${folder.path}/escaped/train.rec`, bytes },
    { path: "C:\\escaped\\train.rec", bytes },
    { path: "link/train.rec", bytes: new TextEncoder().encode("/etc/passwd"), mode: 0o120777, method: 0 },
    { path: "glint_mini/", bytes: new Uint8Array(), method: 0, mode: 0o040755 },
    { path: "train.rec/", bytes: new Uint8Array(), method: 0 },
    ...filesOf("header_last").map((file) => ({ ...file, path: file.path.replace("/", "\\") })),
  ];
  const finished = await decode(makeZip(files), folder.path, `--keep-rec=${folder.path}/kept`, "--quiet");
  assertEquals([finished.code, finished.tree], [0, expectedTree("header_last")], finished.stderr);
  const warned = complaints(finished).map((line) =>
    /archive holds (\S+), (.*); it is passed over$/.exec(line)?.slice(1)
  );
  assertEquals(warned, [
    ["../train.rec", "a path out of the archive"],
    [`${folder.path}/escaped/train.rec`, "a path out of the archive"],
    ["C:/escaped/train.rec", "a path out of the archive"],
    ["link/train.rec", "a symbolic link"],
  ]);
  const names = Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort();
  assertEquals(names, ["archive", "images", "kept"]);
});

const [PROPERTY, INDEX, RECORDS] = filesOf("glint_mini");
const UNPACK_7Z = "once it is unpacked with: 7z x -o";

/** Archives that are refused, and what the line contains. */
const REFUSED: [string, Uint8Array, string[]][] = [
  ["encrypted", makeZip([INDEX, { ...RECORDS, flags: 1 }]), [
    "Cannot read glint_mini/train.rec in ",
    "archive: it is encrypted. ",
    UNPACK_7Z,
  ]],
  ["AES", makeZip([{ ...RECORDS, flags: 1, method: 99 }]), ["it is encrypted. ", UNPACK_7Z]],
  ["wholly encrypted", makeZip([{ ...RECORDS, flags: 0x41 }]), ["says that it is encrypted. ", UNPACK_7Z]],
  ["LZMA", makeZip([{ ...RECORDS, method: 14 }]), ["it is compressed with LZMA. ", UNPACK_7Z]],
  ["Deflate64", makeZip([{ ...RECORDS, method: 9 }]), ["it is compressed with Deflate64. ", UNPACK_7Z]],
  ["zstd", makeZip([{ ...RECORDS, method: 93 }]), ["it is compressed with zstd. ", UNPACK_7Z]],
  ["an unknown method", makeZip([{ ...RECORDS, method: 77 }]), ["it is compressed with method 77. ", UNPACK_7Z]],
  ["no records", makeZip([INDEX, PROPERTY]), ["there is no train.rec in it"]],
  ["nothing", makeZip([]), ["there is no train.rec in it"]],
  ["no index", makeZip([RECORDS]), ["no train.idx came with it", "unpacked with: unzip -d "]],
  ["two of a kind", makeZip([INDEX, RECORDS, RECORDS]), ["holds glint_mini/train.rec in "]],
  ["a wrong sum", makeZip([INDEX, { ...RECORDS, claims: { crc: 7 } }]), [
    "Cannot trust glint_mini/train.rec in ",
    `its CRC-32 is ${crc32(RECORDS.bytes).toString(16).padStart(8, "0")} and should be 00000007, so it is damaged`,
    "archive again",
  ]],
  ["more bytes than it says", makeZip([{ ...RECORDS, claims: { bytes: 9000 } }]), ["too many bytes in the stream"]],
  ["fewer bytes than it says", makeZip([{ ...RECORDS, claims: { bytes: 1e9 } }]), ["not enough bytes in the stream"]],
  ["a part of a split archive", splitEnd(makeZip([INDEX, RECORDS])), [
    "it is the last file of a split ZIP archive",
    "joined with: zip -s 0 ",
  ]],
  ["entries that overlap", makeZip([INDEX, RECORDS, { ...INDEX, path: "a/train.idx", claims: { offset: 9 } }]), [
    "train.idx in it overlap",
  ]],
  ["an entry that is none", makeZip([{ ...INDEX, claims: { offset: 2 } }, RECORDS]), ["invalid local file header"]],
  ["an entry after the end", makeZip([{ ...INDEX, claims: { offset: 1e9 } }]), ["names bytes after its end"]],
  ["bytes after the end", joined([makeZip([INDEX, RECORDS]), Uint8Array.of(1, 2, 3)]), ["does not stand at its end"]],
];

/** Says of an archive that it is the end of one in several files. */
function splitEnd(bytes: Uint8Array): Uint8Array {
  bytes[bytes.length - 18] = 1;
  return bytes;
}

for (const [name, bytes, messages] of REFUSED) {
  Deno.test(`refused in one line: ${name}`, async () => {
    using folder = temporaryFolder();
    for (const how of WAYS) assertRefused(await decode(bytes, folder.path, ...how), ...messages);
  });
}

testUnless(whyMissing("unzip"), "an archive in the archive: the pipe that reads it is named, and does", async () => {
  using folder = temporaryFolder();
  const tar = makeTar({ names: ["header_last"] });
  const path = "faces to download/faces.tar.gz";
  const finished = await decode(makeZip([{ path, bytes: tar }]), folder.path);
  assertRefused(finished, `there is no train.rec in it, but ${path}`, `: unzip -p ${folder.path}/archive '${path}' | `);
  const { code, stderr } = await paste(commandAfter(finished.stderr, "decode it with"));
  assertEquals([code, treeOf(`${folder.path}/images`)], [0, expectedTree("header_last")], stderr);
});

Deno.test("on the standard input: one line says that the file itself is needed", async () => {
  using folder = temporaryFolder();
  const child = startUnrec(["--include=-", `--output=${folder.path}/images`], "piped");
  const written = new Blob([makeZip(filesOf("glint_mini"))]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, stderr } = await child.output();
  await written;
  assertEquals(code, 1);
  assertStringIncludes(
    new TextDecoder().decode(stderr),
    "Cannot read an archive: the standard input is a ZIP archive. Written before: nothing was written; its table of " +
      "contents is at its end, so store it in a file and give that to --include",
  );
});

Deno.test("without the library one line says how to unpack", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.zip`, makeZip(filesOf("glint_mini")));
  const args = RUN.flatMap((word) => word === "-A" ? ["-A", "--cached-only", "--no-lock"] : [word]);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, `--include=${folder.path}/a.zip`, `--output=${folder.path}/images`],
    env: { NO_COLOR: "1", DENO_DIR: `${folder.path}/cache`, UNREC_OFFLINE: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 1, said);
  assertStringIncludes(
    said,
    `Cannot read the ZIP archive ${folder.path}/a.zip: what does that is not in Deno's cache, and cannot be fetched: `,
  );
  assertStringIncludes(said, ` cache ${PROJECT}src/source/archive/zip_library.ts, or `);
  assertStringIncludes(said, `once it is unpacked with: unzip -d ${folder.path}/unpacked ${folder.path}/a.zip`);
});

Deno.test("verify, index and --on-error=skip say how a ZIP archive is unpacked for them", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.zip`;
  Deno.writeFileSync(path, makeZip(filesOf("glint_mini")));
  const commands = [["verify"], ["index"], [`--output=${folder.path}/images`, "--on-error=skip"]];
  for (const command of commands) {
    const { code, stderr } = await runUnrec(...command, `--include=${path}`);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, `once it is unpacked with: unzip -d ${folder.path}/unpacked ${path}`);
  }
});

/** Whether what was written has the right bytes: all images before the place that is damaged do. */
function assertWholeSoFar(tree: string[], expected: string[], what: string): void {
  assertEquals(tree.filter((line) => !expected.includes(line)), [], what);
}

Deno.test("cut at any byte: refused, and what was written is whole", async () => {
  using folder = temporaryFolder();
  const bytes = makeZip(filesOf("header_last"));
  const random = seededRandom(21);
  const places = Array.from({ length: 10 }, () => Math.floor(random() * bytes.length));
  for (const length of [...places, bytes.length - 1, bytes.length - 22]) {
    const finished = await decode(bytes.subarray(0, length), folder.path);
    assertRefused(finished, "it is cut short");
    assertWholeSoFar(finished.tree, expectedTree("header_last"), `cut to ${length}`);
  }
});

Deno.test("a flipped bit: found by the sum, or it hit nothing that is read", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(22);
  let refused = 0;
  for (const method of [0, 8]) {
    const bytes = makeZip(filesOf("scalar_label").map((file) => ({ ...file, method })));
    for (let i = 0; i < 12; i++) {
      const flipped = bytes.slice();
      flipped[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      const { code, stderr, tree } = await decode(flipped, folder.path);
      assertEquals(stderr.includes("    at "), false, stderr);
      if (code === 0) assertEquals(tree, expectedTree("scalar_label"), stderr);
      else refused++;
    }
  }
  assert(refused > 15, `${refused} were found`);
});

testUnless(WHY_NO_UNIX, "records beyond 4 GiB of an archive, which skips what it does not need", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/large.zip`;
  const hole = 4.5 * 2 ** 30;
  const written: Written[] = [];
  {
    using file = Deno.openSync(path, { write: true, createNew: true });
    const put = (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    };
    const others = { path: "videos.bin.txt", bytes: { length: hole } as Uint8Array, method: 0, zip64: true };
    written.push({ file: others, crc: 0, packedBytes: hole, offset: 0 });
    put(localHeader(written[0]));
    let offset = file.seekSync(hole, Deno.SeekMode.Current);
    for (const file of filesOf("multipart").map((file) => ({ ...file, method: 0, zip64: true }))) {
      const entry = { file, crc: crc32(file.bytes), packedBytes: file.bytes.length, offset };
      written.push(entry);
      const header = localHeader(entry);
      put(header);
      put(file.bytes);
      offset += header.length + file.bytes.length;
    }
    put(centralDirectory(written, offset));
  }
  const output = `${folder.path}/images`;
  const { code, stderr } = await runUnrec(`--include=${path}`, `--output=${output}`);
  assertEquals([code, treeOf(output)], [0, expectedTree("multipart")], stderr);
});

testUnless(
  WHY_NO_LINUX,
  "bombs cost little memory: records and an index without end, and a table of contents of 50,000 files",
  async () => {
    using folder = temporaryFolder();
    const zeros = new Uint8Array(2 ** 28);
    const record = encodeRecord({ key: 1, label: 1, image: new Uint8Array(2 ** 24) });
    const records = new Uint8Array(10 * record.length);
    for (let i = 0; i < 10; i++) records.set(record, i * record.length);
    const lines = new TextEncoder().encode(
      Array.from({ length: 1e6 }, (_, i) => `${i * 7 % 1000003}\t${i}\n`).join(""),
    );
    const index = new Uint8Array(12 * lines.length);
    for (let i = 0; i < 12; i++) index.set(lines, i * lines.length);
    const many = Array.from(
      { length: 50_000 },
      (_, i) => ({ path: `images/${i}.jpg`, bytes: new Uint8Array(), method: 0 }),
    );
    const bombs: [string, ZippedFile[], string][] = [
      ["zeros", [{ path: "train.rec", bytes: zeros }], "Cannot read"],
      ["records", [{ path: "train.rec", bytes: records }], "no train.idx came with it"],
      [
        "index",
        [{ path: "train.idx", bytes: index }, { path: "train.rec", bytes: record }],
        "too long to be kept in memory",
      ],
      ["many", many, "there is no train.rec in it"],
    ];
    for (const [name, files, message] of bombs) {
      Deno.writeFileSync(`${folder.path}/${name}.zip`, makeZip(files));
      for (const jobs of [1, 2]) {
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            ...RUN.slice(0, -1),
            `${PROJECT}tests/peak_memory.ts`,
            `--include=${folder.path}/${name}.zip`,
            `--output=${folder.path}/${name}${jobs}`,
            `--jobs=${jobs}`,
          ],
        }).output();
        assertStringIncludes(new TextDecoder().decode(stderr), message);
        const peak = Number(new TextDecoder().decode(stdout));
        assert(peak > 0 && peak < 600e6, `${name}, --jobs=${jobs}: ${peak} bytes`);
      }
    }
  },
);

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
