/** Labels that are no classes and payloads that are no JPEG: what is said of them, and what is refused. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandAfter, paste } from "../paste.ts";
import { complaints, type Finished, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, treeOf } from "../tree.ts";
import { encodeFrames, type TestRecord, writeDataset } from "../write_dataset.ts";

const WAYS = ["wasm", "ts"].flatMap((engine) =>
  [["1", "8M"], ["2", "256"], ["5", "256"]].map(([jobs, chunk]) => [
    `--engine=${engine}`,
    `--jobs=${jobs}`,
    `--chunk-size=${chunk}`,
  ])
);

/** What a run said, the folder's name left out, without what differs from run to run. */
function saidBy(finished: Finished, folder: string) {
  const stderr = complaints(finished).filter((line) => !line.includes("all files are named .jpg"))
    .map((line) => line.replaceAll(`${folder}/`, "").replace(/^unrec: /, ""));
  return { code: finished.code, stderr };
}

/** A case: what is there, the files that come of it, what decoding says, what verifying complains about and notes. */
interface Case {
  name: string;
  files: string[];
  said: string[];
  payloads: Record<string, number>;
  complaints?: string[];
  noted?: string[];
}

const numbered = (...labels: number[]) => labels.map((label, i) => `id_${label}/${label}_${i}.jpg`);

const CASES: Case[] = [
  {
    name: "detection_labels",
    files: numbered(4, 4, 4, 4, 4, 4),
    payloads: { jpeg: 6 },
    said: [
      "6 images with detection labels [header width, object width, ...], whose first number is no class; first key 0",
    ],
  },
  {
    name: "several_labels",
    files: numbered(1, 0, 1, 0, 1, 0, 1, 0),
    payloads: { jpeg: 8 },
    said: [
      "8 images with labels of several numbers (5 in the first), of which the first is taken for the class; first key 1",
    ],
  },
  {
    name: "fraction_labels",
    files: numbered(0, 0, 1, 0, -1, 0, 0, 1, 0, -1),
    payloads: { jpeg: 10 },
    said: [
      "8 images with a label that is no whole number (0.25 in the first), whose fraction is cut off; first key 0",
      "2 images with a label below 0 (-1 in the first); first key 4",
    ],
  },
  {
    name: "png",
    files: numbered(0, 1, 0, 1),
    payloads: { png: 4 },
    said: ["4 images stored as PNG; first key 0"],
  },
  {
    name: "numpy",
    files: numbered(0, 1, 0, 1),
    payloads: { raw: 4 },
    said: ["4 images beginning as no known kind of image does; first key 0"],
  },
  {
    name: "payload_forms",
    files: numbered(0, 1, 2, 3, 4, 5, 6),
    payloads: { jpeg: 3, gif: 1, webp: 1, bmp: 1, empty: 1 },
    said: [
      "1 image stored as GIF; first key 3",
      "1 image stored as WebP; first key 4",
      "1 image stored as BMP; first key 5",
      "1 image without any bytes, and so an empty file; first key 6",
    ],
    complaints: [
      "train.rec: 1 image without any bytes: key 6 at byte 428",
      "train.rec: 1 image beginning as JPEG or PNG do, but cut before their end: key 2 at byte 136",
    ],
    noted: [
      "1 image stored as GIF; first key 3",
      "1 image stored as WebP; first key 4",
      "1 image stored as BMP; first key 5",
      "2 images with more bytes after their end; first key 0",
    ],
  },
];

for (const { name, files, said, payloads, complaints: wrong = [], noted = said } of CASES) {
  const dataset = `${DATA}/cases/${name}`;
  const warnings = said.map((text) => `Warning: train.rec has ${text}`);

  Deno.test(`${name}: decoded as the usual script does, and said what it is`, async () => {
    using folder = temporaryFolder();
    for (const [i, way] of WAYS.entries()) {
      const output = `${folder.path}/images${i}`;
      const finished = await runUnrec(`--include=${dataset}`, `--output=${output}`, "--json", "--quiet", ...way);
      assertEquals(saidBy(finished, dataset), { code: 0, stderr: warnings });
      assertEquals(treeOf(output).map((line) => line.slice(66)).sort(), files.toSorted());
      const summary = JSON.parse(finished.stdout);
      assertEquals(summary.payloads, payloads);
      assertEquals(
        summary.notes.map(({ text }: { text: string }) => `Warning: ${text.replace(`${dataset}/`, "")}`),
        warnings,
      );
    }
  });

  Deno.test(`${name}: in an archive the same is said, with the byte in place of the key`, async () => {
    using folder = temporaryFolder();
    const archive = `${folder.path}/a.tgz`;
    Deno.writeFileSync(archive, makeTar({ names: [name], from: `${DATA}/cases` }));
    const finished = await runUnrec(`--include=${archive}`, `--output=${folder.path}/images`, "--quiet");
    const { code, stderr } = saidBy(finished, folder.path);
    const withoutPlace = (line: string) => line.replace(/; [^;]*$/, "");
    assertEquals([code, stderr.map(withoutPlace)], [
      0,
      warnings.map((line) => withoutPlace(line).replace("train.rec", "a.tgz")),
    ]);
    for (const line of stderr) assert(/; the first one at byte \d+$/.test(line), line);
  });

  Deno.test(`${name}: what verify complains about, and what it only notes`, async () => {
    const notes = noted.map((text) => `Note: train.rec has ${text}`);
    for (const way of WAYS) {
      const finished = await runUnrec("verify", `--include=${dataset}`, "--json", "--quiet", ...way);
      const code = wrong.length === 0 ? 0 : 1;
      assertEquals(saidBy(finished, dataset), { code, stderr: [...wrong, ...notes] });
      const { ok, notes: told, datasets } = JSON.parse(finished.stdout);
      assertEquals([ok, told.length, datasets[0].payloads], [wrong.length === 0, notes.length, payloads]);
    }
  });
}

Deno.test("no_label_vector: image bytes are not taken for labels", async () => {
  using folder = temporaryFolder();
  const dataset = `${DATA}/cases/no_label_vector`;
  const why =
    "its header announces 2 labels, but the image begins where they should stand; the record is damaged, or " +
    "the program that wrote it left them out";
  for (const [i, way] of WAYS.entries()) {
    const output = `${folder.path}/images${i}`;
    const stopped = saidBy(await runUnrec(`--include=${dataset}`, `--output=${output}`, "--quiet", ...way), dataset);
    assertEquals([stopped.code, stopped.stderr.length], [1, 1]);
    assert(/^Cannot read the record of key \d at byte \d+ of train.rec: /.test(stopped.stderr[0]), stopped.stderr[0]);
    assertStringIncludes(stopped.stderr[0], `${why}. Written before: nothing was written`);
    if (way[1] === "--jobs=1") assertStringIncludes(stopped.stderr[0], "of key 0 at byte 0 of train.rec");
    assertEquals(treeOf(output), []);
    const verified = await runUnrec("verify", `--include=${dataset}`, "--quiet", ...way);
    assertEquals(saidBy(verified, dataset), {
      code: 1,
      stderr: [
        "train.rec: 4 images whose header announces labels that are not there: key 0 at byte 0; key 1 at byte 64; key 2 " +
        "at byte 128; key 3 at byte 192",
      ],
    });
  }
});

const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...new Uint8Array(40).fill(7), 0xff, 0xd9]);

/** Three images, the second of which announces labels that are not there. */
function writeOneWithoutVector(folder: string, flag: number): void {
  writeDataset(folder, [1, 2, 3].map((key) => ({ key, label: [key, 0], image: JPEG })));
  const payload = new Uint8Array(24 + JPEG.length);
  new DataView(payload.buffer).setUint32(0, flag, true);
  payload.set(JPEG, 24);
  const records = Deno.readFileSync(`${folder}/train.rec`);
  const size = records.length / 3;
  const damaged = [records.subarray(0, size), encodeFrames(payload), records.subarray(2 * size)];
  Deno.writeFileSync(`${folder}/train.rec`, Uint8Array.from(damaged.flatMap((record) => [...record])));
  Deno.writeTextFileSync(
    `${folder}/train.idx`,
    `1\t0\n2\t${size}\n3\t${size + damaged[1].length}\n`,
  );
}

for (const flag of [1, 2, 5]) {
  Deno.test(`one record of which ${flag} labels are missing is named, or left out and the others written`, async () => {
    using folder = temporaryFolder();
    const dataset = `${folder.path}/faces`;
    writeOneWithoutVector(dataset, flag);
    const args = [`--include=${dataset}`, "--quiet"];
    const stopped = await runUnrec(...args, `--output=${folder.path}/stopped`);
    assertEquals(stopped.code, 1);
    assertStringIncludes(stopped.stderr, "Cannot read the record of key 2 at byte ");
    assertStringIncludes(stopped.stderr, "Written before: 1 image in ");
    // What is said can be pasted: it goes on from there.
    const pasted = await paste(commandAfter(stopped.stderr, "write all that is whole with"));
    assertEquals(pasted.code, 1);
    for (const output of ["stopped", "skipped"]) {
      const skipped = await runUnrec(...args, `--output=${folder.path}/${output}`, "--on-error=skip");
      assertEquals(skipped.code, 1);
      assertStringIncludes(skipped.stderr, "Lost: 1 image of ");
      assertStringIncludes(skipped.stderr, `its header announces ${flag} label`);
      assertEquals(treeOf(`${folder.path}/${output}`).map((line) => line.slice(66)), ["id_1/1_0.jpg", "id_3/3_2.jpg"]);
    }
    // Where labels are shifted its label does not count either.
    const relabelled = await runUnrec(...args, "--relabel", `--output=${folder.path}/r`, "--on-error=skip");
    assertStringIncludes(relabelled.stderr, "Lost: 1 image of ");
    assertEquals(treeOf(`${folder.path}/r`).length, 2);
    Deno.writeFileSync(`${folder.path}/a.tar`, makeTar({ names: ["faces"], from: folder.path, gzip: false }));
    const archive = await runUnrec(`--include=${folder.path}/a.tar`, `--output=${folder.path}/a`, "--quiet");
    assertEquals(archive.code, 1);
    assertStringIncludes(archive.stderr, `its header announces ${flag} label`);
  });
}

Deno.test("labels that differ within an identity record, and such that are too large for a float32", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const labels = [5, 5, 6, 7, 2 ** 24 + 2, 2 ** 24 + 2];
  writeDataset(dataset, [
    { key: 0, label: [7, 9], image: new Uint8Array() },
    ...labels.map((label, i): TestRecord => ({ key: i + 1, label, image: JPEG })),
    { key: 7, label: [1, 4], image: new Uint8Array() },
    { key: 8, label: [4, 7], image: new Uint8Array() },
  ]);
  const expected = [
    "train.rec has 2 images with a label above 16,777,216 (16777218 in the first), where a float32 does not hold every " +
    "whole number, so people may share one; first key 5",
    "train.rec has 2 images with another label than the image before, though the same identity record names both (identity " +
    "record 7 at the first one); first key 3",
  ];
  for (const [i, way] of WAYS.entries()) {
    const decoded = await runUnrec(`--include=${dataset}`, `--output=${folder.path}/${i}`, "--quiet", ...way);
    assertEquals(saidBy(decoded, dataset), { code: 0, stderr: expected.map((text) => `Warning: ${text}`) });
    const verified = await runUnrec("verify", `--include=${dataset}`, "--quiet", ...way);
    assertEquals(saidBy(verified, dataset), { code: 0, stderr: expected.map((text) => `Note: ${text}`) });
  }
});

Deno.test("an image that begins as no image does is wrong among images, and noted where none does otherwise", async () => {
  using folder = temporaryFolder();
  const raw = new Uint8Array(40).fill(9);
  for (
    const [images, code, line] of [
      [
        [JPEG, raw, JPEG],
        1,
        "train.rec: 1 image beginning as no known kind of image does, unlike the others: key 2 at byte ",
      ],
      [[raw, raw, raw], 0, "Note: train.rec has 3 images beginning as no known kind of image does; first key 1"],
    ] as [Uint8Array<ArrayBuffer>[], number, string][]
  ) {
    writeDataset(folder.path, images.map((image, i) => ({ key: i + 1, label: i, image })));
    const said = saidBy(await runUnrec("verify", `--include=${folder.path}`, "--quiet"), folder.path);
    assertEquals([said.code, said.stderr.length], [code, 1]);
    assert(said.stderr[0].startsWith(line), said.stderr[0]);
  }
});

Deno.test("files that are no JPEG are named by what they are with the command that is said", async () => {
  using folder = temporaryFolder();
  for (const [name, extension] of [["png", "png"], ["numpy", "bin"]]) {
    const output = `${folder.path}/${name}`;
    const { stderr } = await runUnrec(`--include=${DATA}/cases/${name}`, `--output=${output}`, "--quiet");
    const pasted = await paste(commandAfter(stderr, "write all again with"));
    assertEquals([pasted.code, pasted.stderr.includes("are named .jpg")], [0, false], pasted.stderr);
    const files = [0, 1, 2, 3].map((i) => `id_${i % 2}/${i % 2}_${i}.${extension}`);
    assertEquals(treeOf(output).map((line) => line.slice(66)), files.sort());
  }
  // Where all are JPEG nothing is said, nor of those that have no bytes.
  writeDataset(`${folder.path}/faces`, [JPEG, new Uint8Array()].map((image, i) => ({ key: i + 1, label: i, image })));
  const { stderr } = await runUnrec(`--include=${folder.path}/faces`, `--output=${folder.path}/images`, "--quiet");
  assertEquals(stderr.includes("are named .jpg"), false);
});

Deno.test("the summary counts payloads by kind where there are others than JPEG", async () => {
  using folder = temporaryFolder();
  const summary = async (name: string) => {
    const args = [`--include=${DATA}/${name}`, `--output=${folder.path}/${name}`];
    return [(await runUnrec(...args)).stdout, (await runUnrec("verify", args[0])).stdout];
  };
  for (const text of await summary("cases/payload_forms")) {
    assert(/^payloads +3 JPEG, 1 GIF, 1 WebP, 1 BMP, 1 empty$/m.test(text), text);
  }
  for (const text of await summary("no_identity")) assert(!text.includes("payloads"), text);
});
