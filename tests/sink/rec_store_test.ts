/** `--format=rec`: what is written is what trainers and MXNet read, and what face2rec2 writes. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { recordFile } from "../../src/sink/rec_store.ts";
import type { RecLayout } from "../../src/sink/rec_layout.ts";
import { openSources } from "../../src/source/find.ts";
import type { SourceOptions } from "../../src/source/source.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { ORACLE } from "../recordio/oracle.ts";
import { runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, EXPECTED, expectedTree, includeOf, JOURNAL, treeOf } from "../tree.ts";
import { faces, seededRandom, type TestRecord, writeDataset } from "../write_dataset.ts";

/** Sample sets as face2rec2 writes them: record 0 first, dense keys from 1, an identity record for each label. */
const FACE2REC2 = ["glint_mini", "multipart", "scalar_label", "second_source"];

const MAGIC = [0x0a, 0x23, 0xd7, 0xce];

/** A JPEG as far as its ends tell, with an aligned magic word in it. */
const IMAGE = Uint8Array.of(0xff, 0xd8, 0xff, 1, ...MAGIC, 2, 3, 0xff, 0xd9);

type How = DecodeOptions & SourceOptions & { layout?: RecLayout };

/** Writes what paths mean, several with commas, as records; gives what was warned of. */
async function write(include: string, output: string, { layout, engine, chunkBytes, ...how }: How = {}) {
  using opened = new DisposableStack();
  const warnings: string[] = [];
  const sources = await openSources(include.split(","), { engine, chunkBytes });
  for (const source of sources) opened.use(source);
  const report = await decode(sources, recordFile(output, { layout }), {
    onWarning: (message) => warnings.push(message),
    ...how,
  });
  return { report, warnings };
}

/** Decodes what paths mean to files. */
async function decodeTree(include: string, output: string, how: DecodeOptions = {}) {
  using opened = new DisposableStack();
  const sources = await openSources(include.split(","));
  for (const source of sources) opened.use(source);
  await decode(sources, folderTree(output), how);
  return treeOf(output);
}

/** The files in a folder, but the journal, as `sha256sum` lists them. */
function filesIn(folder: string): string[] {
  return treeOf(folder);
}

for (const name of FACE2REC2) {
  for (const engine of ["wasm", "ts"] as const) {
    Deno.test(`rec: ${name} comes out byte for byte as it went in, whatever --jobs and --chunk-size are (${engine})`, async () => {
      using folder = temporaryFolder();
      for (const jobs of [1, 2, 5]) {
        for (const chunkBytes of [8 * 2 ** 20, 300]) {
          const output = `${folder.path}/${jobs}_${chunkBytes}`;
          assertEquals((await write(`${DATA}/${name}`, output, { engine, jobs, chunkBytes })).warnings, []);
          assertEquals(filesIn(output), filesIn(`${DATA}/${name}`));
        }
      }
    });
  }
}

for (const name of EXPECTED) {
  for (const layout of ["identity", "flat"] as const) {
    Deno.test(`rec: ${name} in the ${layout} layout gives the same tree, and nothing is wrong with it`, async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/rec`;
      const { warnings } = await write(includeOf(name), output, { layout });
      const returns = layout === "identity" && ["shared_label", "shuffled", "glint_mini+second_source"].includes(name);
      assertEquals(warnings.length, returns ? 1 : 0, warnings.join());
      assertEquals(await decodeTree(output, `${folder.path}/tree`), expectedTree(name));
      const [source] = await openSources([output]);
      const { kind, record0, unnamedRecords } = source.datasets[0].layout;
      assertEquals([kind, record0, unnamedRecords], [layout, "first", 0]);
      source[Symbol.dispose]();
      const again = `${folder.path}/again`;
      await write(output, again, { layout });
      assertEquals(filesIn(again), filesIn(output));
    });
  }
}

Deno.test("rec: unrec verify finds nothing wrong, in either layout", async () => {
  using folder = temporaryFolder();
  const outputs: string[] = [];
  for (const layout of ["identity", "flat"] as const) {
    for (const name of ["multipart", "glint_mini+second_source"]) {
      const output = `${folder.path}/${layout}_${name}`;
      await write(includeOf(name), output, { layout, relabel: true });
      outputs.push(output);
    }
  }
  const { code, stderr } = await runUnrec("verify", `--include=${outputs.join()}`, "--quiet");
  assertEquals([code, stderr], [0, ""]);
});

testUnless(
  whyNotRun("python3", "-c", "import struct"),
  "rec: what arcface_torch would train from, image by image",
  async () => {
    using folder = temporaryFolder();
    for (const name of EXPECTED) {
      for (const layout of ["identity", "flat"] as const) {
        const output = `${folder.path}/${layout}_${name}`;
        await write(includeOf(name), output, { layout });
        const images = ORACLE.train(output);
        const tree = images.map(({ labels: [label], sha256 }, i) => `${sha256}  id_${label}/${label}_${i}.jpg`);
        assertEquals(tree.sort((a, b) => a.slice(66) < b.slice(66) ? -1 : 1), expectedTree(name));
        const first = layout === "identity" ? 1 : 0;
        assertEquals(images.map(({ key, id }) => [key, id]), images.map((_, i) => [i + first, i + first]));
        if (layout === "flat") assertEquals(images.filter(({ flag }) => flag !== 0), []);
      }
    }
  },
);

Deno.test("rec: an order that jumps about in the file, with payloads in parts, none, and label vectors", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(7);
  const records: TestRecord[] = Array.from({ length: 300 }, (_, i) => ({
    key: i,
    label: i % 3 === 0 ? Math.floor(i / 20) : i % 3 === 1 ? [Math.floor(i / 20), 1] : [Math.floor(i / 20), 0.5, -7],
    image: i === 40 ? new Uint8Array() : Uint8Array.from({ length: 20 + i % 5 }, (_, k) => IMAGE[k % 12]),
  }));
  // The file in another order than the keys.
  writeDataset(
    `${folder.path}/in`,
    records.map((record) => ({ record, at: random() })).sort((a, b) => a.at - b.at)
      .map(({ record }) => record),
  );
  const lines = Deno.readTextFileSync(`${folder.path}/in/train.idx`).trimEnd().split("\n");
  lines.sort((a, b) => parseInt(a) - parseInt(b));
  Deno.writeTextFileSync(`${folder.path}/in/train.idx`, `${lines.join("\n")}\n`);

  const expected = [
    { key: 0, label: [301, 316], image: new Uint8Array() },
    ...records.map(({ key, label, image }) => ({ key: key + 1, label, image })),
    ...Array.from({ length: 15 }, (_, i) => ({
      key: 301 + i,
      label: [1 + 20 * i, 21 + 20 * i],
      image: new Uint8Array(),
    })),
  ];
  writeDataset(`${folder.path}/expected`, expected);
  for (const engine of ["wasm", "ts"] as const) {
    for (const jobs of [1, 2, 5]) {
      const output = `${folder.path}/${engine}${jobs}`;
      await write(`${folder.path}/in`, output, { engine, jobs });
      const [ours, theirs] = [filesIn(output), filesIn(`${folder.path}/expected`)];
      assertEquals(ours, theirs);
    }
  }
  // A label alone has no room for the others.
  const error = await assertRejects(
    () => write(`${folder.path}/in`, `${folder.path}/flat`, { layout: "flat" }),
    UnrecError,
    "it has 3 labels, and in the flat layout there is one for each image",
  );
  assertEquals(error.remedies[0], { kind: "other-layout", layout: "identity" });
});

Deno.test("rec: several sets with shifted labels are one, in both layouts", async () => {
  using folder = temporaryFolder();
  const include = `${DATA}/glint_mini,${DATA}/second_source`;
  const tree = await decodeTree(include, `${folder.path}/tree`, { relabel: true });
  for (const layout of ["identity", "flat"] as const) {
    const output = `${folder.path}/${layout}`;
    const { warnings } = await write(include, output, { layout, relabel: true });
    assertEquals(warnings, []);
    assertEquals(await decodeTree(output, `${folder.path}/of_${layout}`), tree);
    assertEquals(Deno.readTextFileSync(`${output}/property`), "30,112,112\n");
  }
});

Deno.test("rec: an archive gives the records that its datasets give", async () => {
  using folder = temporaryFolder();
  const args = ["-cf", `${folder.path}/both.tar`, "-C", DATA, "glint_mini", "multipart"];
  assert(new Deno.Command("tar", { args }).outputSync().success);
  await write(`${DATA}/glint_mini,${DATA}/multipart`, `${folder.path}/expected`, { relabel: true });
  await write(`${folder.path}/both.tar`, `${folder.path}/output`, { relabel: true });
  assertEquals(filesIn(`${folder.path}/output`), filesIn(`${folder.path}/expected`));
  // Among others.
  await write(`${DATA}/multipart,${DATA}/glint_mini,${DATA}/multipart`, `${folder.path}/expected3`);
  await write(`${DATA}/multipart,${folder.path}/both.tar`, `${folder.path}/output3`);
  assertEquals(filesIn(`${folder.path}/output3`), filesIn(`${folder.path}/expected3`));
});

Deno.test("rec: images of a label that come back are told, and folders put them together", async () => {
  using folder = temporaryFolder();
  const { warnings } = await write(`${DATA}/shared_label`, `${folder.path}/rec`);
  assertStringIncludes(warnings.join(), "train.rec has 12 identity records for 5 labels");
  await decodeTree(`${folder.path}/rec`, `${folder.path}/tree`);
  const second = await write(`${folder.path}/tree`, `${folder.path}/together`);
  assertEquals(second.warnings, []);
  const [source] = await openSources([`${folder.path}/together`]);
  assertEquals(source.datasets[0].layout.identityRecords, 5);
  source[Symbol.dispose]();
});

for (
  const [what, label, shift, why] of [
    ["no whole number", 0.5, 0, "its label is 0.5, and only whole numbers are written"],
    [
      "rounded by float32",
      1,
      2 ** 24,
      "its label is 16777217, which a record, whose labels are float32, would hold as 16777216",
    ],
  ] as const
) {
  Deno.test(`rec: a label that is ${what} is refused, and no train.rec is left`, async () => {
    using folder = temporaryFolder();
    writeDataset(`${folder.path}/first`, [{ key: 1, label: 0, image: IMAGE }]);
    Deno.writeTextFileSync(`${folder.path}/first/property`, `${shift || 1},112,112\n`);
    writeDataset(`${folder.path}/in`, [{ key: 1, label: 0, image: IMAGE }, { key: 2, label, image: IMAGE }]);
    const include = shift === 0 ? `${folder.path}/in` : `${folder.path}/first,${folder.path}/in`;
    for (const layout of ["identity", "flat"] as const) {
      const output = `${folder.path}/${layout}`;
      const how = { layout, relabel: shift > 0 };
      const error = await assertRejects(() => write(include, output, how), UnrecError, why);
      assertEquals(error.remedies[0].kind, "other-format");
      assertEquals(
        Array.from(Deno.readDirSync(output), ({ name }) => name).filter((name) => !name.startsWith(".")),
        [],
      );
    }
  });
}

Deno.test("rec: more images than float32 counts are refused before the first file, with two ways out", () => {
  const facts = (images: number) => ({
    path: "train.rec",
    records: images,
    duplicateKeys: 0,
    layout: {
      ...{ kind: "flat", record0: "first", identityRecords: 0, images, backwardRanges: 0, unnamedRecords: 0 } as const,
      repeatedImages: 0,
    },
  });
  const source = (...images: number[]) => ({ path: "a", streamed: false, datasets: images.map(facts) });
  const identity = recordFile("none", { layout: "identity" });
  identity.check([source(2 ** 24 - 1)]);
  const error = assertThrows(() => identity.check([source(2 ** 24 - 9), source(5, 5)]), UnrecError);
  assertStringIncludes(error.message, "Cannot write more than 16777215 images in the identity layout");
  assertEquals(error.remedies.map(({ kind }) => kind), ["other-layout", "text"]);
  recordFile("none", { layout: "flat" }).check([source(2 ** 24)]);
});

Deno.test("rec: never beside folders, nor folders beside it: trainers would read the one for the other", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  await decodeTree(`${DATA}/glint_mini`, output);
  Deno.removeSync(`${output}/${JOURNAL}`);
  await assertRejects(
    () => write(`${DATA}/glint_mini`, output, { overwrite: true }),
    UnrecError,
    "and trainers read train.rec and no folder where there are both",
  );
  const other = `${folder.path}/rec`;
  await write(`${DATA}/glint_mini`, other);
  Deno.removeSync(`${other}/${JOURNAL}`);
  const [source] = await openSources([`${DATA}/glint_mini`]);
  await assertRejects(
    () => decode([source], folderTree(other), { overwrite: true }),
    UnrecError,
    "it holds train.rec, which trainers read in place of them",
  );
  source[Symbol.dispose]();
});

/** A set of some thousand images, in files of which the bytes of one record are damaged. */
function damagedSet(path: string): { mend(): void } {
  writeDataset(path, faces({ identities: 60, images: 3000, bytes: [300, 500], record0: "first" }));
  const bytes = Deno.readFileSync(`${path}/train.rec`);
  const { atime, mtime } = Deno.statSync(`${path}/train.rec`);
  const lines = Deno.readTextFileSync(`${path}/train.idx`).split("\n");
  const at = Number(lines[2000].split("\t")[1]);
  const put = () => {
    bytes[at] ^= 1;
    Deno.writeFileSync(`${path}/train.rec`, bytes);
    Deno.utimeSync(`${path}/train.rec`, atime!, mtime!);
  };
  put();
  return { mend: put };
}

Deno.test("rec: a run that was ended goes on where it ended, and what is there is whole when it has its name", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/in`;
  const { mend } = damagedSet(set);
  const outputs = [1, 2, 5].map((jobs) => ({ jobs, output: `${folder.path}/${jobs}` }));
  for (const { jobs, output } of outputs) {
    await assertRejects(() => write(set, output, { jobs }), UnrecError);
    const names = Array.from(Deno.readDirSync(output), ({ name }) => name).sort();
    assertEquals(names, [".train.idx.part", ".train.rec.part", JOURNAL]);
    // The last of it never came to the disk, or more did than was noted.
    const part = `${output}/.train.rec.part`;
    if (jobs === 2) Deno.truncateSync(part, Deno.statSync(part).size / 2);
    if (jobs === 5) Deno.writeFileSync(part, new Uint8Array(1000), { append: true });
    // And somebody has made a copy of links.
    Deno.mkdirSync(`${output}_copy`);
    for (const name of names) Deno.linkSync(`${output}/${name}`, `${output}_copy/${name}`);
  }
  const copies = outputs.map(({ output }) => filesIn(`${output}_copy`));
  mend();
  for (const { jobs, output } of outputs) {
    const { report } = await write(set, output, { jobs });
    assert(report.resumed.images > 500 && report.resumed.images < 2000, `${report.resumed.images}`);
    assertEquals(filesIn(output).map((line) => line.slice(0, 64)), filesIn(set).map((line) => line.slice(0, 64)));
    const before = filesIn(output);
    assertEquals((await write(set, output, { jobs })).report.alreadyComplete, true);
    assertEquals(filesIn(output), before);
  }
  assertEquals(outputs.map(({ output }) => filesIn(`${output}_copy`)), copies);
});

Deno.test("rec: what was left out makes the rest be written anew when it is to be there", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/in`;
  const output = `${folder.path}/out`;
  const { mend } = damagedSet(set);
  const skipped = await write(set, output, { onError: "skip" });
  assertEquals([skipped.report.images, skipped.report.lost.length], [2999, 1]);
  const [source] = await openSources([output]);
  assertEquals(source.imageCount, 2999);
  source[Symbol.dispose]();
  // Again it is lost, and nothing is written anew.
  assertEquals((await write(set, output, { onError: "skip" })).report.resumed.images, 2999);
  mend();
  const { report } = await write(set, output);
  assert(report.resumed.images > 500, `${report.resumed.images}`);
  assertEquals(filesIn(output).map((line) => line.slice(0, 64)), filesIn(set).map((line) => line.slice(0, 64)));
});

Deno.test("rec: a run that was ended between the names of its files gives them all", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  await write(`${DATA}/glint_mini`, output);
  const expected = filesIn(output);
  // As it is when the records have no name yet, and the journal does not say that all is there.
  Deno.renameSync(`${output}/train.rec`, `${output}/.train.rec.part`);
  const journal = Deno.readTextFileSync(`${output}/${JOURNAL}`).split("\n");
  Deno.writeTextFileSync(`${output}/${JOURNAL}`, journal.slice(0, -2).join("\n") + "\n");
  const { report } = await write(`${DATA}/glint_mini`, output);
  assertEquals(report.resumed.images, 82);
  assertEquals(filesIn(output), expected);
});

Deno.test("rec: --restart removes what a run wrote, and another layout is another run", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  await write(`${DATA}/glint_mini`, output);
  await assertRejects(
    () => write(`${DATA}/glint_mini`, output, { layout: "flat" }),
    UnrecError,
    "the layout was identity and is flat",
  );
  await write(`${DATA}/no_identity`, output, { restart: true, layout: "flat" });
  await write(`${DATA}/no_identity`, `${folder.path}/other`, { layout: "flat" });
  assertEquals(filesIn(output), filesIn(`${folder.path}/other`));
  copyFolder(output, `${folder.path}/copy`);
  assertEquals(filesIn(`${folder.path}/copy`), filesIn(output));
});
