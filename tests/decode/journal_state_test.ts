/** What a journal is worth when runs end anywhere, inputs change, and losses are met. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { completedRun, decode } from "../../src/decode/decode.ts";
import { journalPath, readJournal } from "../../src/decode/output_state.ts";
import { DecodeError, type DecodeOptions } from "../../src/decode/options.ts";
import type { DecodeReport } from "../../src/decode/tally.ts";
import { RefusedError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { watchedStore } from "../sink/watched_store.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, treeOf } from "../tree.ts";
import { encodeRecord, faces, type FacesOptions, writeDataset } from "../write_dataset.ts";

const FACES: FacesOptions = { identities: 3, images: 40, bytes: [10, 200], record0: "first" };

/** Opens datasets and decodes them with one thread, in tasks of a few images. */
async function run(paths: string[], output: string, options: DecodeOptions = {}): Promise<DecodeReport> {
  const how = { chunkBytes: 256, jobs: 1, ...options };
  using opened = new DisposableStack();
  const sources = [];
  for (const path of paths) sources.push(opened.use(await openDataset(path, how)));
  return await decode(sources, folderTree(output), how);
}

/** The same files as another download or a repair leaves them: other images, fewer of them, at another time. */
function mend(path: string): void {
  writeDataset(path, faces({ ...FACES, images: 25, firstLabel: 20, seed: 77 }));
  Deno.utimeSync(`${path}/train.rec`, 2e9, 2e9);
}

/** The journal's lines, with their line feeds. */
function linesOf(output: string): string[] {
  return Deno.readTextFileSync(journalPath(output)).split(/(?<=\n)/);
}

/** A dataset of forty images, one of which is damaged; and the same without the damage. */
function writeDamaged(path: string): { mend: () => void } {
  const records = [...faces(FACES)];
  writeDataset(path, records);
  const whole = Deno.readFileSync(`${path}/train.rec`);
  const damaged = whole.slice();
  damaged[records.slice(0, 12).reduce((sum, record) => sum + encodeRecord(record).length, 0)] ^= 1;
  Deno.writeFileSync(`${path}/train.rec`, damaged);
  return {
    mend() {
      Deno.writeFileSync(`${path}/train.rec`, whole);
      Deno.utimeSync(`${path}/train.rec`, 2e9, 2e9);
    },
  };
}

for (const what of ["a source is mended", "it is restarted"]) {
  Deno.test(`journal: ${what}, and that run ends after any line of the journal`, async () => {
    using folder = temporaryFolder();
    const [a, b, output] = ["a", "b", "images"].map((name) => `${folder.path}/${name}`);
    writeDataset(a, faces(FACES));
    writeDataset(b, faces({ ...FACES, firstLabel: 10, seed: 2 }));
    // So that it may be mended, it has not ended.
    await run([a, b], output);
    Deno.writeTextFileSync(journalPath(output), linesOf(output).slice(0, -2).join(""));
    const before = linesOf(output).length;
    mend(b);
    const options: DecodeOptions = what === "it is restarted" ? { restart: true } : {};
    await run([a, b], output, options);
    await run([a, b], `${folder.path}/expected`);
    const expected = treeOf(`${folder.path}/expected`);
    assertEquals([treeOf(output), expected.length], [expected, 65]);

    const lines = linesOf(output);
    if (what === "a source is mended") {
      const kinds = lines.slice(before, before + 2).map((line) => line.replace(/^\w+ \{"(\w+)".*\n/, "$1"));
      assertEquals(kinds, ["forget", "cleared"]);
    }
    for (let count = 1; count <= lines.length; count++) {
      for (const half of count < lines.length ? ["", lines[count].slice(0, 30)] : [""]) {
        const again = `${folder.path}/again`;
        copyFolder(output, again);
        Deno.writeTextFileSync(journalPath(again), lines.slice(0, count).join("") + half);
        const { images } = await run([a, b], again);
        assertEquals([treeOf(again), images], [expected, 65], `after ${count} lines and ${half.length} bytes`);
        assertEquals((await run([a, b], again)).alreadyComplete, true);
        Deno.removeSync(again, { recursive: true });
      }
    }
  });
}

Deno.test("journal: removing what is forgotten ends in its midst, and the next run removes the rest", async () => {
  using folder = temporaryFolder();
  const [a, b, output] = ["a", "b", "images"].map((name) => `${folder.path}/${name}`);
  writeDataset(a, faces(FACES));
  writeDataset(b, faces({ ...FACES, firstLabel: 10, seed: 2 }));
  await run([a, b], output);
  Deno.writeTextFileSync(journalPath(output), linesOf(output).slice(0, -2).join(""));
  mend(b);
  await run([a, b], `${folder.path}/expected`);
  const expected = treeOf(`${folder.path}/expected`);
  for (const restart of [false, true]) {
    const again = `${folder.path}/again`;
    copyFolder(output, again);
    // As a kill leaves it: of the folders to be emptied some are, and the journal ends with the line before that.
    const how: DecodeOptions = { jobs: 1, restart };
    using first = await openDataset(a, { chunkBytes: 256 });
    using second = await openDataset(b, { chunkBytes: 256 });
    await assertRejects(
      () =>
        decode(
          [first, second],
          watchedStore(folderTree(again), {
            clear() {
              Deno.removeSync(`${again}/id_11`, { recursive: true });
              throw new RangeError("killed");
            },
          }),
          how,
        ),
      RangeError,
      "killed",
    );
    assert(linesOf(again).at(-1)!.includes(`{"forget":${restart ? 0 : 1},"from":${restart ? 0 : 40}}`));
    const { images, resumed } = await run([a, b], again);
    assertEquals([treeOf(again), images, resumed.images], [expected, 65, restart ? 0 : 40]);
    Deno.removeSync(again, { recursive: true });
  }
});

Deno.test("journal: losses are told again by every run, and one that is to stop at them does", async () => {
  using folder = temporaryFolder();
  const [faces, output] = [`${folder.path}/faces`, `${folder.path}/images`];
  const { mend } = writeDamaged(faces);
  const skip: DecodeOptions = { onError: "skip" };
  const lossOf = ({ images, lost }: DecodeReport) => [images, lost.map(({ images, places }) => [images, places])];
  const first = await run([faces], output, skip);
  assertEquals([first.images, first.lost.map(({ images }) => images)], [39, [1]]);
  for (let i = 0; i < 2; i++) {
    const again = await run([faces], output, skip);
    assertEquals([lossOf(again), again.resumed.images, again.alreadyComplete], [lossOf(first), 39, true]);
    using dataset = await openDataset(faces);
    // Without opening it, nothing is said to be complete that lost something.
    assertEquals(completedRun([dataset.found], folderTree(output), skip), undefined);
  }

  const failure = await assertRejects(
    () => run([faces], output),
    DecodeError,
    "Cannot read the record of key 12 at byte",
  );
  assert(failure.remedies.some(({ kind }) => kind === "skip-damage"));
  assert(failure.report.resumed.images > 20 && failure.report.images < 40, JSON.stringify(failure.report));
  assertEquals(lossOf(await run([faces], output, skip)), lossOf(first));

  // What lost something may be read anew from a mended file, though that run had ended.
  const warnings: string[] = [];
  mend();
  const mended = await run([faces], output, { onWarning: (message) => warnings.push(message) });
  assertEquals([mended.images, mended.lost, mended.resumed.images], [40, [], 0]);
  assertEquals(warnings, [
    `${faces}/train.rec has changed: what was written of it is removed, and it is read again`,
  ]);
  await run([faces], `${folder.path}/expected`);
  assertEquals(treeOf(output), treeOf(`${folder.path}/expected`));
  using dataset = await openDataset(faces);
  assertEquals(completedRun([dataset.found], folderTree(output), {})?.images, 40);
});

Deno.test("journal: a task of which nothing could be written is finished all the same", async () => {
  using folder = temporaryFolder();
  const [path, output] = [`${folder.path}/faces`, `${folder.path}/images`];
  writeDataset(path, Array.from({ length: 40 }, (_, key) => ({ key, label: key, image: new Uint8Array(200) })));
  const bytes = Deno.readFileSync(`${path}/train.rec`);
  const size = bytes.length / 40;
  for (let record = 10; record < 30; record++) bytes[record * size] ^= 1;
  Deno.writeFileSync(`${path}/train.rec`, bytes);
  const skip: DecodeOptions = { onError: "skip" };
  assertEquals((await run([path], output, skip)).images, 20);
  assert(readJournal(output)!.tasks.some(({ parts: [{ images }] }) => images === 0));
  const lines = linesOf(output);
  assertEquals((await run([path], output, skip)).alreadyComplete, true);
  assertEquals(linesOf(output), lines);
});

Deno.test("journal: a finished run is complete for the same sources, and refuses others", async () => {
  using folder = temporaryFolder();
  const [a, b, output] = ["a", "b", "images"].map((name) => `${folder.path}/${name}`);
  writeDataset(a, faces(FACES));
  writeDataset(b, faces({ ...FACES, firstLabel: 10, seed: 2 }));
  const first = await run([a, b], output);
  const tree = treeOf(output);
  // What does not change what is written may differ.
  for (
    const options of [{}, { jobs: 2 }, { chunkBytes: 4096 }, { engine: "ts" }, { onError: "skip" }, { fsync: true }]
  ) {
    const again = await run([a, b], output, options as DecodeOptions);
    assertEquals(again, { ...first, resumed: { images: 80, bytes: first.bytes }, alreadyComplete: true });
  }
  using sources = new DisposableStack();
  const opened = [sources.use(await openDataset(a)), sources.use(await openDataset(b))];
  const complete = () => completedRun(opened.map(({ found }) => found), folderTree(output), {});
  assertEquals(complete(), { ...first, resumed: { images: 80, bytes: first.bytes }, alreadyComplete: true });
  Deno.removeSync(`${output}/id_12`, { recursive: true });
  assertEquals(complete(), undefined);
  const repaired = await run([a, b], output);
  assertEquals([repaired.images, repaired.alreadyComplete, treeOf(output)], [80, false, tree]);
  assertEquals(complete()?.images, 80);

  const refused = async (paths: string[], options: DecodeOptions, why: string) => {
    const error = await assertRejects(() => run(paths, output, options), RefusedError, why);
    assertEquals(error.remedies.map(({ kind }) => kind), ["other-output", "restart-removes"]);
    assertEquals(treeOf(output), tree);
  };
  await refused([a], {}, "its journal is of a finished run and differs: the number of sources was 2 and is 1");
  await refused([a, b], { relabel: true }, "whether labels are shifted was false and is true");
  Deno.utimeSync(`${b}/train.idx`, 1e9, 1e9);
  await refused([a, b], {}, "the time of the index of source 2 was ");
  // A dataset may be moved.
  Deno.renameSync(a, `${folder.path}/moved`);
  Deno.utimeSync(`${b}/train.idx`, Deno.statSync(`${b}/train.rec`).atime!, new Date(readTime(output)));
  assertEquals((await run([`${folder.path}/moved`, b], output)).alreadyComplete, true);
});

/** The time that the journal has of the second source's index. */
function readTime(output: string): string {
  return readJournal(output)!.header.plan.sources[1].files[1].time!;
}

Deno.test("journal: a tree without one is a foreign folder, unless it is to be overwritten", async () => {
  using folder = temporaryFolder();
  const [path, output] = [`${folder.path}/faces`, `${folder.path}/images`];
  writeDataset(path, faces(FACES));
  await run([path], output);
  const tree = treeOf(output);
  for (
    const journal of [
      undefined,
      "",
      "rubbish\n",
      linesOf(output)[0].slice(0, -1),
      linesOf(output)[0].replace("folder", "Folder"),
    ]
  ) {
    if (journal === undefined) Deno.removeSync(journalPath(output));
    else Deno.writeTextFileSync(journalPath(output), journal);
    const error = await assertRejects(
      () => run([path], output),
      RefusedError,
      `Cannot write to ${output}: it holds id_`,
    );
    assertEquals(error.remedies.map(({ kind }) => kind), ["other-output", "verify-tree", "overwrite"]);
  }
  const { images, resumed } = await run([path], output, { overwrite: true });
  assertEquals([images, resumed.images, treeOf(output)], [40, 0, tree]);
  // It was not alone, so nothing of it is ever removed.
  mend(path);
  const warnings: string[] = [];
  await run([path], output, { restart: true, onWarning: (message) => warnings.push(message) });
  assertEquals([treeOf(output).length, warnings.length], [65, 1]);
});

Deno.test("journal: a rehearsal says what the run would say, and writes nothing", async () => {
  using folder = temporaryFolder();
  const [path, output] = [`${folder.path}/faces`, `${folder.path}/images`];
  writeDataset(path, faces(FACES));
  assertEquals((await run([path], output, { dryRun: true })).images, 40);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["faces"]);
  Deno.mkdirSync(output);
  Deno.writeTextFileSync(`${output}/notes`, "mine");
  await assertRejects(() => run([path], output, { dryRun: true }), RefusedError, "it holds notes, and no journal");
  Deno.removeSync(`${output}/notes`);
  await run([path], output);
  const lines = linesOf(output);
  mend(path);
  await assertRejects(() => run([path], output, { dryRun: true }), RefusedError, "is of a finished run and differs");
  Deno.writeTextFileSync(journalPath(output), lines.slice(0, -1).join(""));
  const warnings: string[] = [];
  const tree = treeOf(output);
  const dry = await run([path], output, { dryRun: true, onWarning: (message) => warnings.push(message) });
  assertEquals([dry.images, warnings.length, treeOf(output)], [25, 1, tree]);
  assertEquals(linesOf(output), lines.slice(0, -1));
});
