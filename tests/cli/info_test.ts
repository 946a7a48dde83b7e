/** `unrec info`: what it says of datasets, for people and for programs, and how it ends. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { testUnless, WHY_NO_LINUX } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, PROJECT, runUnrec, startUnrec } from "../run_unrec.ts";
import { makeTar, tarHeader } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA } from "../tree.ts";
import { encodeRecord, faces, writeDataset } from "../write_dataset.ts";

const GLINT = `${DATA}/glint_mini`;

Deno.test("info: a small set, every image looked at", async () => {
  for (const engine of ["wasm", "ts"]) {
    const { code, stdout, stderr } = await runUnrec("info", `--include=${GLINT}`, `--engine=${engine}`);
    assertEquals([code, stderr, stdout.trimEnd().split("\n")], [0, "", [
      `dataset:            ${GLINT}/train.rec`,
      "known as:           no published set that unrec knows",
      "layout:             identity, record 0 first",
      "records:            107",
      "identity records:   24",
      "images:             82",
      "bytes:              353,772 (353.8 kB)",
      "people (labels):    24, from 0 to 23, without a gap",
      "images per person:  1 to 6, median 4, mean 3.4",
      "  1:                5",
      "  2 to 3:           5",
      "  4 to 7:           14",
      "image kinds:        82 JPEG",
      "pixels:             112 x 112, all",
      "looked at:          all images",
      "property:           24,112,112: true",
      "verification sets:  none beside it",
      "lists of labels:    none beside it",
    ]]);
  }
});

Deno.test("the README shows what info prints of the sample dataset", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--import-map=src/offline/import_map.json",
      "main.ts",
      "info",
      "--include=tests/data/glint_mini",
    ],
    cwd: PROJECT,
    stderr: "null",
  }).output();
  assertStringIncludes(Deno.readTextFileSync(`${PROJECT}README.md`), new TextDecoder().decode(stdout));
});

Deno.test("info: of a large set some images are looked at, and it says so, with the command for all", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 40, images: 1200, bytes: [20, 40], record0: "last" }));
  Deno.writeTextFileSync(`${folder.path}/property`, "41\n");
  Deno.copyFileSync(`${DATA}/pairs/pairs_p3.bin`, `${folder.path}/lfw.bin`);
  const { code, stdout, stderr } = await runUnrec("info", "-i", folder.path);
  assertEquals([code, stderr], [0, ""]);
  for (
    const line of [
      "people (labels):    40, from 0 to 39, without a gap",
      "images per person:  30 each",
      "image kinds:        1,000 JPEG",
      "property:           41: not true: 41 classes, and the highest label is 39",
      `verification sets:  ${folder.path}/lfw.bin (102.3 kB)`,
    ]
  ) assert(stdout.split("\n").includes(line), `${line}\n${stdout}`);
  const looked = /looked at: +(.*)/.exec(stdout)![1];
  assert(looked.startsWith("1,000 images spread over the set, and the first image of each identity record"), looked);
  const all = await paste(commandAfter(looked, "all with"));
  assertEquals([all.code, all.stderr], [0, ""]);
  assertStringIncludes(all.stdout, "image kinds:        1,200 JPEG\n");
  assertStringIncludes(all.stdout, "looked at:          all images\n");
});

Deno.test("info --json: the same keys, whatever is known", async () => {
  const { code, stdout, stderr } = await runUnrec("info", `--include=${GLINT},${DATA}/cases/html`, "--json");
  const { ok, error, sources: [known, failed] } = JSON.parse(stdout);
  assertEquals([code, ok, error], [1, false, null]);
  assertEquals(known, {
    path: `${GLINT}/train.rec`,
    kind: "dataset",
    error: null,
    bytes: 353_772,
    traffic: null,
    images: 82,
    lookedAt: { images: 82, bytes: 349_374, all: true, lost: 0 },
    payloads: { jpeg: 82 },
    sizes: [{ width: 112, height: 112, images: 82 }],
    labels: {
      basis: "images",
      count: 24,
      lowest: 0,
      highest: 23,
      gaps: 0,
      absent: 0,
      imagesPerLabel: {
        least: 1,
        median: 4,
        mean: 82 / 24,
        most: 6,
        histogram: [{ from: 1, to: 1, groups: 5 }, { from: 2, to: 3, groups: 5 }, { from: 4, to: 7, groups: 14 }],
      },
    },
    property: { text: "24,112,112", classes: 24, width: 112, height: 112, classesAreTrue: true, sizeIsTrue: true },
    published: null,
    verificationSets: [],
    labelLists: [],
    notes: [],
    datasets: [{
      path: `${GLINT}/train.rec`,
      layout: "identity",
      record0: "first",
      records: 107,
      identityRecords: 24,
      images: 82,
      duplicateKeys: 0,
      backwardRanges: 0,
      repeatedImages: 0,
      unnamedRecords: 0,
      rounded: null,
      property: "24,112,112",
    }],
  });
  const said = complaints({ code, stdout, stderr });
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "is a web page");
  assertEquals([failed.error, Object.keys(failed)], [said[0].replace("unrec: ", ""), Object.keys(known)]);
});

for (
  const [name, kind, people, more] of [
    ["header_last", "identity, record 0 last", "8, from 0 to 7, without a gap", []],
    ["shared_label", "identity, record 0 last", "5, from 0 to 4, without a gap", ["identity records:   12"]],
    ["no_identity", "flat, record 0 missing", "8, from 0 to 7, without a gap", ["identity records:   0"]],
    ["cases/scattered_ids", "identity, record 0 first", "3, from 0 to 2, without a gap", ["identity records:   5"]],
    ["cases/gap", "identity, record 0 first", "24, from 0 to 23, without a gap", ["records not named:  1"]],
    ["cases/png", "flat, record 0 first", "2, from 0 to 1, without a gap", ["image kinds:        4 PNG"]],
    ["cases/property_mismatch", "identity, record 0 first", "3, from 0 to 5, with 1 gap: 3 numbers that no image has", [
      "property:           93431,112,112: not true: 93,431 classes, and the highest label is 5",
    ]],
    ["cases/payload_forms", "flat, record 0 first", "7, from 0 to 6, without a gap", [
      "image kinds:        3 JPEG, 1 GIF, 1 WebP, 1 BMP, 1 empty",
      "pixels:             2 of 1 x 1, 5 that tell no size",
    ]],
    ["cases/label_list/file.rec", "flat, record 0 first", "1, from 0 to 0, without a gap", [
      `lists of labels:    ${DATA}/cases/label_list/list.txt (${
        Deno.statSync(`${DATA}/cases/label_list/list.txt`).size
      } B)`,
    ]],
  ] as const
) {
  Deno.test(`info: ${name}`, async () => {
    const { code, stdout, stderr } = await runUnrec("info", `-i=${DATA}/${name}`);
    assertEquals([code, stderr], [0, ""]);
    for (const line of [`layout:             ${kind}`, `people (labels):    ${people}`, ...more]) {
      assert(stdout.split("\n").includes(line), `${line}\n${stdout}`);
    }
  });
}

for (
  const [name, ...notes] of [
    ["cases/detection_labels", /has 6 images with detection labels/],
    ["cases/fraction_labels", /has 8 images with a label that is no whole number/, /has 2 images with a label below 0/],
    ["cases/several_labels", /has 8 images with labels of several numbers/],
    ["cases/rounded_first_down", /has keys that are rounded/],
  ] as [string, ...RegExp[]][]
) {
  Deno.test(`info: what is odd about ${name} is noted, once`, async () => {
    const { code, stdout, stderr } = await runUnrec("info", `-i=${DATA}/${name}`, "--json");
    const lines = stderr.trimEnd().split("\n");
    assertEquals([code, lines.length], [0, notes.length], stderr);
    for (const [i, note] of notes.entries()) {
      assert(lines[i].startsWith(`unrec: Note: ${DATA}`) && note.test(lines[i]), lines[i]);
    }
    assertEquals(JSON.parse(stdout).sources[0].notes, lines.map((line) => line.replace("unrec: Note: ", "")));
  });
}

Deno.test("info: several datasets, each by itself; what cannot be read is told once and ends with 1", async () => {
  const chunks = await runUnrec("info", `-i=${DATA}/cases/chunks`, "--json");
  const { sources } = JSON.parse(chunks.stdout);
  assertEquals([chunks.code, sources.map(({ images }: { images: number }) => images)], [0, [4, 4, 4]]);
  for (
    const [name, why, shows] of [
      ["cases/damage_in_the_middle", /^unrec: Cannot read the record of key 20 at byte 1280/, "not readable:       1"],
      [
        "cases/no_label_vector",
        /^unrec: 4 of 4 images looked at cannot be read; the first: /,
        "image kinds:        none",
      ],
      ["cases/index_cut", /does not name all that the file has/, ""],
      ["cases/empty", /is empty: 0 bytes/, ""],
    ] as const
  ) {
    const finished = await runUnrec("info", `-i=${DATA}/${name},${DATA}/shuffled`);
    const lines = complaints(finished);
    assertEquals([finished.code, lines.length, why.test(lines[0])], [1, 1, true], finished.stderr);
    assertStringIncludes(finished.stdout, shows);
    assertStringIncludes(finished.stdout, `${DATA}/shuffled/train.rec`);
    const alone = await runUnrec("info", `-i=${DATA}/${name}`, "--json");
    assertEquals([alone.code, JSON.parse(alone.stdout).ok], [1, false]);
  }
  const nothing = await runUnrec("info", "-i=/nowhere", "--json");
  assertEquals([nothing.code, JSON.parse(nothing.stdout).sources], [1, []]);
  assertStringIncludes(JSON.parse(nothing.stdout).error, "Cannot open the dataset /nowhere");
});

Deno.test("info --labels-from: the labels of the list", async () => {
  const folder = `${DATA}/cases/label_list`;
  const { code, stdout } = await runUnrec("info", `-i=${folder}/file.rec`, `--labels-from=${folder}/list.txt`);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "people (labels):    3, from 0 to 2, without a gap\n");
});

Deno.test("info: figures of the images that are chosen, as decode chooses them; the layout's are those of the whole set", async () => {
  const choice = ["--labels=3-5", "--max-per-label=3"];
  for (const include of [GLINT, `${GLINT},${DATA}/header_last`]) {
    const { code, stdout } = await runUnrec("info", `--include=${include}`, ...choice, "--json");
    const counted = JSON.parse(stdout).sources;
    const images = counted.reduce((sum: number, { images }: { images: number }) => sum + images, 0);
    const written = await runUnrec(`--include=${include}`, ...choice, "--dry-run", "--output=/tmp/none", "--json");
    assertEquals([code, images], [0, JSON.parse(written.stdout).images]);
    assertEquals([counted[0].datasets[0].images, counted[0].property.classesAreTrue], [82, null]);
  }
  const text = await runUnrec("info", "-i", GLINT, ...choice);
  assertStringIncludes(text.stdout, "images:             7, chosen of 82\n");
  assertStringIncludes(text.stdout, "people (labels):    3, from 3 to 5, without a gap\n");
  assertStringIncludes(text.stdout, "looked at:          all images that are chosen\n");
  assertStringIncludes(text.stdout, "property:           24,112,112: true as far as it is known\n");
  const nobody = await runUnrec("info", "-i", GLINT, "--labels=99", "--quiet", "--json");
  assertEquals([nobody.code, JSON.parse(nobody.stdout).ok, complaints(nobody).length], [1, false, 1]);
  assertStringIncludes(JSON.parse(nobody.stdout).error, "Cannot choose the label 99");

  using folder = temporaryFolder();
  const archive = `${folder.path}/glint.tar`;
  Deno.writeFileSync(archive, makeTar({ names: ["glint_mini"], gzip: false }));
  const streamed = await runUnrec("info", "-i", archive, "--all", ...choice, "--json");
  const [source] = JSON.parse(streamed.stdout).sources;
  assertEquals([streamed.code, source.images, source.labels.count], [0, 7, 3]);
});

Deno.test("info: an archive takes --all, and then all of it is counted", async () => {
  using folder = temporaryFolder();
  const archive = `${folder.path}/two.tar.gz`;
  Deno.writeFileSync(archive, makeTar({ names: ["glint_mini", "header_last"] }));
  const refused = await runUnrec("info", `--include=${archive}`);
  assertEquals([refused.code, refused.stdout, complaints(refused).length], [1, "", 1]);
  assertStringIncludes(refused.stderr, `Cannot look into ${archive}: it is an archive`);
  const read = await paste(commandAfter(refused.stderr, "read all of it with"));
  assertEquals([read.code, read.stderr], [0, ""]);
  for (
    const line of [
      `archive:            ${archive}`,
      `dataset:            header_last/train.rec in ${archive}`,
      "layout:             identity, record 0 last",
      "images:             114",
      "people (labels):    24, from 0 to 23, without a gap",
      "pixels:             112 x 112, all",
      "looked at:          all images",
      "property:           24,112,112",
    ]
  ) assert(read.stdout.split("\n").includes(line), `${line}\n${read.stdout}`);

  const child = startUnrec(["info", "-i", "-", "--all", "--json"], "piped");
  const writer = child.stdin.getWriter();
  await writer.write(makeTar({ names: ["glint_mini"], gzip: false }));
  await writer.close();
  const { code, stdout } = await child.output();
  const { ok, sources: [source] } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals([code, ok, source.kind, source.bytes, source.images], [0, true, "archive", null, 82]);
  assertEquals([source.labels.count, source.property.classesAreTrue, source.datasets.length], [24, true, 1]);
});

Deno.test("info: an archive that is cut says so and ends with 1", async () => {
  using folder = temporaryFolder();
  const archive = `${folder.path}/cut.tar`;
  const bytes = makeTar({ names: ["glint_mini"], gzip: false });
  Deno.writeFileSync(archive, bytes.subarray(0, bytes.length / 2));
  const finished = await runUnrec("info", "-i", archive, "--all");
  assertEquals([finished.code, finished.stdout, complaints(finished).length], [1, "", 1], finished.stderr);
});

testUnless(WHY_NO_LINUX, "info: a signal ends it, in a set as in a stream", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  // Records of 64 MB that are holes: reading all of them takes minutes.
  const size = 2 ** 26;
  const records = 10_000;
  const head = encodeRecord({ key: 0, label: 0, image: new Uint8Array(8) });
  new DataView(head.buffer).setUint32(4, size - 8, true);
  using file = Deno.openSync(`${path}/train.rec`, { write: true, create: true });
  for (let i = 0; i < records; i++) {
    file.seekSync(i * size, Deno.SeekMode.Start);
    file.writeSync(head);
  }
  file.truncateSync(records * size);
  Deno.writeTextFileSync(
    `${path}/train.idx`,
    Array.from({ length: records }, (_, i) => `${i}\t${i * size}\n`).join(""),
  );
  const ways: [string, (child: Deno.ChildProcess) => Promise<void>][] = [
    [path, async ({ pid }) => {
      while (!hasOpen(pid, `${path}/train.rec`)) await new Promise((resolve) => setTimeout(resolve, 5));
    }],
    ["-", async ({ stdin }) => {
      // Much more than a pipe holds, and little of what the archive would have.
      const archive = stdin.getWriter();
      await archive.write(tarHeader("large", 2 ** 40, "0"));
      await archive.write(new Uint8Array(2 ** 20));
      archive.releaseLock();
    }],
  ];
  for (const [include, reads] of ways) {
    const child = startUnrec(["info", "-i", include, "--all", "--json"], "piped");
    const stderr = new Response(child.stderr).text();
    await reads(child);
    child.kill("SIGTERM");
    const { code } = await child.status;
    const { ok, error } = JSON.parse(await new Response(child.stdout).text());
    assertEquals([code, ok, error], [143, false, "it was stopped by a signal"], await stderr);
    assertStringIncludes(await stderr, "unrec: Stopping; ");
    await child.stdin.abort().catch(() => {});
  }
});

/** Whether a process has a file open. */
function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return Array.from(Deno.readDirSync(folder)).some(({ name }) => {
    try {
      return Deno.readLinkSync(`${folder}/${name}`) === path;
    } catch {
      return false; // It was closed meanwhile.
    }
  });
}

Deno.test("info: the folder's name is shown so that it does nothing to a terminal", async () => {
  using folder = temporaryFolder();
  const odd = join(folder.path, "a\x1b[2Jb");
  copyFolder(GLINT, odd);
  const { stdout } = await runUnrec("info", "-i", odd);
  assertStringIncludes(stdout, "dataset:            ");
  assert(!stdout.includes("\x1b"), stdout);
});
