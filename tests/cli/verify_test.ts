/** `unrec verify`: what it counts, and what it says is wrong. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { testUnless, WHY_NO_LINUX } from "../needs.ts";
import { complaints, type Finished, runUnrec, startUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, includeOf } from "../tree.ts";
import { encodeRecord, faces, type TestRecord, writeDataset } from "../write_dataset.ts";

const WAYS = ["wasm", "ts"].flatMap((engine) =>
  [["1", "8M"], ["1", "300"], ["2", "300"]].map(([jobs, chunk]) => [
    `--engine=${engine}`,
    `--jobs=${jobs}`,
    `--chunk-size=${chunk}`,
  ])
);

/** Runs it with both engines, one job and two, large chunks and small ones; all must say the same. */
async function verifyAll(...args: string[]): Promise<Finished> {
  const runs: Finished[] = [];
  for (const way of WAYS) runs.push(await runUnrec("verify", "--quiet", ...way, ...args));
  const said = runs.map(({ code, stdout, stderr }) => ({
    code,
    stdout: stdout.replace(/^(seconds|rate) .*$/mg, "").replace(/"seconds":[^}]*/, ""),
    stderr,
  }));
  for (const other of said) assertEquals(other, said[0]);
  return said[0];
}

/** The value of a line of the summary. */
function figure({ stdout }: Finished, name: string): string | undefined {
  return new RegExp(`^${name.replace("?", "\\?")} +(.*)$`, "m").exec(stdout)?.[1];
}

/** What is said of a sample dataset, and the result: the `property` file of one names identity records, not labels. */
function wellOf(name: string): [stderr: string, result: string] {
  if (name !== "shared_label") return ["", "all is well"];
  const path = `${DATA}/shared_label/train.rec`;
  return [
    `unrec: Note: the property file of ${path} says 12 classes, and its images have 5 labels, the highest 4\n`,
    "all is well, with 1 note, see standard error",
  ];
}

const FIGURES = ["layout", "frames", "records", "multi-part records", "identity records", "images", "labels"];

for (
  const [name, ...figures] of [
    ["glint_mini", "identity, record 0 first", "107", "107", "0", "24", "82", "24, from 0 to 23"],
    ["header_last", "identity, record 0 last", "41", "41", "0", "8", "32", "8, from 0 to 7"],
    ["multipart", "identity, record 0 first", "87", "42", "25", "10", "31", "10, from 0 to 9"],
    ["no_identity", "flat, record 0 missing", "40", "40", "0", "0", "40", "8, from 0 to 7"],
    ["scalar_label", "identity, record 0 first", "32", "32", "0", "8", "23", "8, from 0 to 7"],
    ["shared_label", "identity, record 0 last", "45", "45", "0", "12", "32", "5, from 0 to 4"],
    ["shuffled", "flat, record 0 first", "23", "23", "0", "0", "23", "8, from 0 to 7"],
  ]
) {
  Deno.test(`unrec verify: ${name} is well`, async () => {
    const finished = await verifyAll(`--include=${DATA}/${name}`);
    assertEquals([finished.code, finished.stderr, figure(finished, "result")], [0, ...wellOf(name)]);
    assertEquals(FIGURES.map((name) => figure(finished, name)), figures);
  });
}

for (const name of EXPECTED) {
  Deno.test(`unrec verify --output: the tree of ${name}`, async () => {
    using folder = temporaryFolder();
    const output = `${folder.path}/images`;
    assertEquals((await runUnrec(`--include=${includeOf(name)}`, `--output=${output}`)).code, 0);
    Deno.writeTextFileSync(`${output}/.hidden`, "");
    const finished = await verifyAll(`--include=${includeOf(name)}`, `--output=${output}`, "--deep");
    assertEquals([finished.code, finished.stderr, figure(finished, "result")], [0, ...wellOf(name)]);
    const [, matching, images] = /^(\d+) of (\d+) images$/.exec(figure(finished, "files that match")!)!;
    assertEquals(matching, images);
  });
}

Deno.test("unrec verify --output --relabel: a tree that was decoded so", async () => {
  using folder = temporaryFolder();
  const include = `--include=${DATA}/glint_mini,${DATA}/second_source`;
  const output = `--output=${folder.path}/images`;
  assertEquals((await runUnrec(include, output, "--relabel")).code, 0);
  assertEquals((await verifyAll(include, output, "--relabel", "--deep")).code, 0);
  const without = await verifyAll(include, output);
  assertEquals(without.code, 1);
  assertStringIncludes(without.stderr, "images without a file");
});

Deno.test("unrec verify --output: missing, surplus, wrong size, wrong bytes", async () => {
  using folder = temporaryFolder();
  const tree = `${folder.path}/images`;
  const include = `--include=${DATA}/glint_mini`;
  assertEquals((await runUnrec(include, `--output=${tree}`)).code, 0);
  Deno.removeSync(`${tree}/id_0/0_1.jpg`);
  Deno.removeSync(`${tree}/id_23`, { recursive: true });
  const [file] = [...Deno.readDirSync(`${tree}/id_5`)].map(({ name }) => name).sort();
  Deno.truncateSync(`${tree}/id_5/${file}`, 100);
  const changed = Deno.readFileSync(`${tree}/id_0/0_0.jpg`);
  changed[50] ^= 1;
  Deno.writeFileSync(`${tree}/id_0/0_0.jpg`, changed);
  for (const path of ["notes.txt", "id_0/0_01.jpg", "id_0/0_999.jpg", "id_0/thumbs.db", "id_1/0_0.jpg"]) {
    Deno.writeTextFileSync(`${tree}/${path}`, "");
  }
  Deno.mkdirSync(`${tree}/id_007`);
  const shallow = await verifyAll(include, `--output=${tree}`);
  assertEquals(shallow.code, 1);
  const lines = shallow.stderr.trimEnd().split("\n");
  assertEquals(lines.length, 3, shallow.stderr);
  assert(/: \d+ images without a file: id_0\/0_1\.jpg; id_23\/23_\d+\.jpg; /.test(lines[0]), lines[0]);
  assertEquals(lines[1], `unrec: ${tree}: 1 file of another size than the image: id_5/${file}`);
  assertStringIncludes(lines[2], "6 entries belonging to no image: ");
  assertStringIncludes(lines[2], "; and 1 more");
  const deep = await verifyAll(include, `--output=${tree}`, "--deep");
  assertStringIncludes(deep.stderr, `unrec: ${tree}: 1 file with other bytes than the image: id_0/0_0.jpg\n`);
});

/** A JPEG of some bytes, as far as its ends tell. */
function image(bytes: number, fill = 7): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(bytes).fill(fill);
  image.set([0xff, 0xd8, 0xff]);
  image.set([0xff, 0xd9], bytes - 2);
  return image;
}

/** Images 1 to 6 and the identity records given. */
function withRanges(ranges: number[][], images: Uint8Array[] = []): TestRecord[] {
  return [
    { key: 0, label: [7, 7 + ranges.length], image: new Uint8Array() },
    ...[1, 2, 3, 4, 5, 6].map((key) => ({ key, label: 1, image: images[key] ?? image(20 + key) })),
    ...ranges.map((label, i) => ({ key: 7 + i, label, image: new Uint8Array() })),
  ];
}

/** Name, what is done to the dataset, the lines that must come, with the dataset's folder left out. */
const WRONGS: [string, (folder: string) => void, string[]][] = [
  [
    "images that are none",
    (folder) =>
      writeDataset(
        folder,
        withRanges(
          [[1, 7]],
          [
            ...[new Uint8Array(), new Uint8Array(), new Uint8Array([1, 2, 3]), image(9).slice(0, 8), new Uint8Array()],
          ].map((bytes, i) => i === 0 ? image(20) : bytes),
        ),
      ),
    [
      "train.rec: 2 images without any bytes: key 1 at byte 40; key 4 at byte 148",
      "train.rec: 1 image beginning as no known kind of image does, unlike the others: key 2 at byte 72",
      "train.rec: 1 image beginning as JPEG or PNG do, but cut before their end: key 3 at byte 108",
    ],
  ],
  [
    "ranges that overlap, that run backward, and that leave something out",
    (folder) => writeDataset(folder, withRanges([[1, 4], [3, 5], [6, 5]])),
    [
      "train.rec: 1 image in overlapping ranges of identity records: key 3 at byte 152",
      "train.rec: 1 identity record with a range that ends before it begins",
      "train.rec: 2 records that no identity record names",
    ],
  ],
  [
    "an index that names some keys twice, others nowhere, and not all records",
    (folder) => {
      writeDataset(folder, [1, 2, 3, 4].map((key) => ({ key, label: key, image: image(40) })));
      Deno.writeTextFileSync(`${folder}/train.idx`, "1\t0\n2\t72\n1\t0\n3\t76\n8\t72\n4\t216\n9\t9999\n");
    },
    [
      "train.rec: 2 keys of the index without a record at its byte: key 3 at byte 76; key 9 at byte 9999",
      "train.rec: 1 record without a key in the index: byte 144",
      "train.rec: 1 line of the index with a key that another line has: key 1",
      "train.rec: 1 key of the index for a record that has a key already: key 2 at byte 72",
    ],
  ],
  [
    "labels that are none",
    (folder) => writeDataset(folder, [1, NaN, Infinity].map((label, i) => ({ key: i + 1, label, image: image(40) }))),
    ["train.rec: 2 images with a label that names no class: key 2 at byte 72, label NaN; key 3 at byte 144, label Infinity"],
  ],
  [
    "a damaged frame and a cut file",
    (folder) => {
      writeDataset(folder, [1, 2, 3, 4].map((key) => ({ key, label: key, image: image(40) })));
      const bytes = Deno.readFileSync(`${folder}/train.rec`).slice(0, 280);
      bytes[72] = 0;
      Deno.writeFileSync(`${folder}/train.rec`, bytes);
    },
    [
      "train.rec: 2 damaged places where no record can be read: bytes 72 to 143: no frame begins there: 0xced72300 stands " +
      "in place of the magic word 0xced7230a, and the next such word at byte 144; bytes 216 to 279: the file ends before " +
      "it does, 8 bytes are missing",
      "train.rec: 2 keys of the index without a record at its byte: key 2 at byte 72; key 4 at byte 216",
    ],
  ],
  [
    "no index",
    (folder) => {
      writeDataset(folder, withRanges([[1, 7]]));
      Deno.removeSync(`${folder}/train.idx`);
    },
    ["There is no train.idx; download train.idx again, or rebuild the index with: unrec index --include="],
  ],
  [
    "an index of something else",
    (folder) => {
      writeDataset(folder, withRanges([[1, 7]]));
      Deno.writeTextFileSync(`${folder}/train.idx`, "hello\n");
    },
    [
      'Cannot read the index train.idx: line 1 is not `key TAB offset`: "hello"; download train.idx again, or ' +
      "rebuild the index with: unrec index --include=",
    ],
  ],
  [
    "a layout that cannot be",
    (folder) => writeDataset(folder, withRanges([[1, 77]])),
    [
      "Cannot read the identities of train.rec: identity record 7 names the keys 1 to 76, and the identity records " +
      "begin at 7; compare the md5 sum with the published one: unrec verify --include= --checksums",
    ],
  ],
];

for (const [name, prepare, expected] of WRONGS) {
  Deno.test(`unrec verify: ${name}`, async () => {
    using folder = temporaryFolder();
    const dataset = `${folder.path}/faces`;
    Deno.mkdirSync(dataset);
    prepare(dataset);
    let finished = await runUnrec("verify", `--include=${dataset}`, "--jobs=1");
    if (name !== "a damaged frame and a cut file") finished = await verifyAll(`--include=${dataset}`);
    // How the program is started is another matter.
    const lines = complaints(finished).map((line) =>
      line.replaceAll(`${dataset}/`, "").replace(dataset, "").replace(/: deno run .* (index|verify) /, ": unrec $1 ")
    );
    assertEquals(lines, expected.map((line) => `unrec: ${line}`));
    assertEquals(finished.code, 1);
    assertEquals(
      figure(finished, "result"),
      `not well: ${lines.length} complaint${lines.length === 1 ? "" : "s"}, see standard error`,
    );
  });
}

Deno.test("unrec verify: damage everywhere is told alike by both engines, by any number of jobs and any chunk", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 6, images: 200, bytes: [100, 700], record0: "first" }));
  const bytes = Deno.readFileSync(`${folder.path}/train.rec`);
  for (let at = 1000; at < bytes.length; at += 3500) bytes.fill(0, at, at + 700);
  Deno.writeFileSync(`${folder.path}/train.rec`, bytes);
  const said: unknown[] = [];
  for (const way of WAYS) {
    const { code, stdout } = await runUnrec("verify", `--include=${folder.path}`, "--json", ...way);
    const { datasets: [{ findings, ...figures }] } = JSON.parse(stdout);
    // Where the next magic word is said to be depends on how far the file was read.
    for (const { detail } of findings.damage.first) assert(/^bytes \d+ to \d+: /.test(detail));
    findings.damage.first = findings.damage.first.map(({ byte }: { byte: number }) => byte);
    said.push({ code, findings, figures });
  }
  for (const other of said) assertEquals(other, said[0]);
  assert((said[0] as { findings: { damage: { count: number } } }).findings.damage.count > 10);
});

Deno.test("unrec verify --checksums", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, withRanges([[1, 7]]));
  const md5 = (name: string) => createHash("md5").update(Deno.readFileSync(`${folder.path}/${name}`)).digest("hex");
  for (const chunk of ["8M", "256"]) {
    const finished = await runUnrec(
      "verify",
      `--include=${folder.path}`,
      "--checksums",
      "--jobs=2",
      `--chunk-size=${chunk}`,
    );
    assertEquals([finished.code, finished.stderr], [0, ""]);
    assertEquals([figure(finished, "md5 of records"), figure(finished, "md5 of index")], [
      md5("train.rec"),
      md5("train.idx"),
    ]);
    assertEquals(figure(finished, "is it Glint360K?"), "no, so there are no published sums to compare with");
  }
  Deno.writeTextFileSync(`${folder.path}/property`, "360232,112,112\n");
  const taken = await runUnrec("verify", `--include=${folder.path}`, "--checksums", "--json");
  const told = complaints(taken).filter((line) => !line.startsWith("unrec: Note: "));
  assertEquals(told.map((line) => line.replaceAll(`${folder.path}/`, "")), [
    "unrec: train.rec: its md5 sum is not the published one of Glint360K; download it again",
    "unrec: train.idx: its md5 sum is not the published one of Glint360K; download it again",
  ]);
  const { ok, datasets: [{ checksums }] } = JSON.parse(taken.stdout);
  assertEquals([taken.code, ok], [1, false]);
  assertEquals(checksums, {
    records: md5("train.rec"),
    index: md5("train.idx"),
    isGlint360K: true,
    differing: [`${folder.path}/train.rec`, `${folder.path}/train.idx`],
  });
});

Deno.test("unrec verify --checksums: damage and small chunks do not change the sum", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 3, images: 60, bytes: [100, 900], record0: "last" }));
  const bytes = Deno.readFileSync(`${folder.path}/train.rec`).slice(0, -30);
  bytes.fill(0, 5000, 9001);
  Deno.writeFileSync(`${folder.path}/train.rec`, bytes);
  const { stdout } = await runUnrec("verify", `--include=${folder.path}`, "--checksums", "--chunk-size=256");
  assertStringIncludes(stdout, createHash("md5").update(bytes).digest("hex"));
});

Deno.test("unrec verify --json: one object with every figure", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  await runUnrec(`--include=${DATA}/header_last`, `--output=${output}`);
  const { code, stdout, stderr } = await verifyAll(`--include=${DATA}/header_last`, `--output=${output}`, "--json");
  assertEquals([code, stderr], [0, ""]);
  const { datasets: [dataset], ...rest } = JSON.parse(`${stdout.trimEnd().replace(/,\}$/, "}")}`);
  assertEquals(rest, {
    ok: true,
    error: null,
    complaints: [],
    notes: [],
    tree: { path: output, images: 32, matching: 32, problem: null, findings: {} },
  });
  assertEquals(dataset, {
    path: `${DATA}/header_last/train.rec`,
    index: `${DATA}/header_last/train.idx`,
    bytes: 135752,
    layout: "identity",
    record0: "last",
    rounded: null,
    decoded: null,
    frames: 41,
    records: 41,
    multiPartRecords: 0,
    keys: 41,
    identityRecords: 8,
    images: 32,
    payloads: { jpeg: 32 },
    labels: 8,
    lowestLabel: 0,
    highestLabel: 7,
    damagedBytes: 0,
    problem: null,
    findings: {},
    checksums: null,
  });
});

Deno.test("unrec verify: what cannot be read at all is one line", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/bare`);
  writeDataset(`${folder.path}/empty`, []);
  for (
    const [args, message] of [
      [[`--include=${folder.path}/bare`], "the folder is empty; it should hold train.rec and train.idx"],
      [[`--include=${folder.path}/none`], "there is no such file or directory"],
      [[`--include=${folder.path}/empty`], "train.rec is empty: 0 bytes; the download did not begin or was cut"],
      [[`--include=${DATA}/glint_mini`, `--output=${folder.path}/none`], "Cannot read the tree"],
      [
        [`--include=${DATA}/glint_mini`, `--output=${DATA}/glint_mini/train.rec`],
        "a part of the path is not a directory",
      ],
    ] as const
  ) {
    const finished = await runUnrec("verify", ...args);
    const lines = complaints(finished);
    assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
    assertStringIncludes(lines[0], message);
  }
  // Without a layout nobody knows which image has which number.
  writeDataset(`${folder.path}/faces`, withRanges([[1, 77]]));
  const finished = await verifyAll(`--include=${folder.path}/faces`, `--output=${folder.path}`);
  assertEquals(finished.code, 1);
  assertStringIncludes(
    finished.stderr,
    `Cannot verify the tree ${folder.path}: the images of ${folder.path}/faces/train.rec are not known`,
  );
});

// Elsewhere it cannot be seen when the reading is under way.
testUnless(WHY_NO_LINUX, "unrec verify and unrec index stop at a signal", async () => {
  using folder = temporaryFolder();
  // A sparse file without a single record: reading on in search of one takes a while.
  using file = Deno.openSync(`${folder.path}/train.rec`, { create: true, write: true });
  file.writeSync(encodeRecord({ key: 1, label: 1, image: image(40) }));
  file.truncateSync(2 ** 42);
  Deno.writeTextFileSync(`${folder.path}/train.idx`, "1\t0\n");
  for (
    const [signal, code, ...args] of [
      ["SIGINT", 130, "verify", "--jobs=1"],
      ["SIGTERM", 143, "verify", "--jobs=2"],
      ["SIGTERM", 143, "index", "--on-error=skip"],
    ] as const
  ) {
    const child = startUnrec([...args, `--include=${folder.path}`]);
    const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!hasOpen(child.pid, `${folder.path}/train.rec`)) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    for (let part = await stderr.read(); !part.done; part = await stderr.read()) said += part.value;
    assertEquals([(await child.status).code, await new Response(child.stdout).text()], [code, ""], said);
    assertStringIncludes(said, "unrec: Stopping; ");
  }
  assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), "1\t0\n");
});

/** Whether a process has a file open. */
function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  for (const { name } of Deno.readDirSync(folder)) {
    try {
      if (Deno.readLinkSync(`${folder}/${name}`) === path) return true;
    } catch {
      // It was closed meanwhile.
    }
  }
  return false;
}
