import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Permutation } from "../../src/dataset/permutation.ts";
import { decode } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { UnrecError } from "../../src/errors.ts";
import type { EngineName } from "../../src/recordio/types.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { recordFile } from "../../src/sink/rec_store.ts";
import { shuffled } from "../../src/sink/shuffled.ts";
import type { SinkStore } from "../../src/sink/sink.ts";
import { webDataset } from "../../src/sink/webdataset.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { readTar } from "../read_tar.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { includeOf, JOURNAL, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** Stores of small shards, and of records in one file. */
const STORES: Record<string, (output: string) => SinkStore> = {
  webdataset: (output) => webDataset(output, { images: 20, json: true }),
  rec: (output) => recordFile(output, { layout: "flat" }),
};

/** Writes datasets shuffled, several with a `+` between them. */
async function write(
  name: string,
  store: SinkStore,
  { seed = 0, ...how }: DecodeOptions & { engine?: EngineName; seed?: number } = {},
) {
  using opened = new DisposableStack();
  const sources = [];
  for (const path of includeOf(name).split(",")) sources.push(opened.use(await openDataset(path, how)));
  return await decode(sources, shuffled(store, { seed }), how);
}

/** The images in the shards of a folder, number and sum of each, as they come. */
function imagesIn(output: string) {
  const shards = Array.from(Deno.readDirSync(output), ({ name }) => name).filter((name) => name.endsWith(".tar"));
  return shards.sort().flatMap((name) =>
    readTar(Deno.readFileSync(`${output}/${name}`)).filter(({ name }) => name.endsWith(".jpg"))
      .map(({ name, bytes }) => `${parseInt(name)} ${createHash("md5").update(bytes).digest("hex")}`)
  );
}

/** What is in a folder, but for journals. */
const filesOf = (output: string) => treeOf(output).filter((line) => !line.includes(JOURNAL));

/** Names of hidden files in a folder, but for journals. */
function hiddenIn(output: string): string[] {
  return Array.from(Deno.readDirSync(output), ({ name }) => name)
    .filter((name) => name.startsWith(".") && !name.includes(JOURNAL));
}

for (const name of ["glint_mini", "glint_mini+second_source", "shuffled", "multipart", "header_last"]) {
  for (const engine of ["wasm", "ts"] as const) {
    Deno.test(`shuffled shards of ${name}: every image once, in the order of the seed, ${engine}`, async () => {
      using folder = temporaryFolder();
      const plain = `${folder.path}/plain`;
      using opened = new DisposableStack();
      const sources = [];
      for (const path of includeOf(name).split(",")) sources.push(opened.use(await openDataset(path, { engine })));
      const { images } = await decode(sources, webDataset(plain, { images: 20, json: true }));
      const inOrder = imagesIn(plain);
      const permutation = new Permutation(images, 0);
      const placeOf = (image: string) => permutation.placeOf(parseInt(image));
      const expected = inOrder.toSorted((a, b) => placeOf(a) - placeOf(b));
      for (const jobs of [1, 2, 5]) {
        const output = `${folder.path}/${jobs}`;
        await write(name, STORES.webdataset(output), { jobs, engine });
        assertEquals(imagesIn(output), expected);
        assertEquals(filesOf(output), filesOf(`${folder.path}/1`));
        assertEquals(hiddenIn(output), []);
      }
      // Several shards to a piece.
      await write(name, webDataset(`${folder.path}/small`, { images: 2, json: true }), { jobs: 2, engine });
      assertEquals(imagesIn(`${folder.path}/small`), expected);
      const shards = filesOf(`${folder.path}/small`).filter((line) => line.endsWith(".tar"));
      assertEquals(shards.length, Math.ceil(images / 2));
      for (const index of [2, 0, 1]) {
        await write(name, STORES.webdataset(`${folder.path}/shares`), { jobs: 2, engine, share: { index, count: 3 } });
      }
      assertEquals(imagesIn(`${folder.path}/shares`), expected);
      await write(name, STORES.webdataset(`${folder.path}/seed`), { engine, seed: 1 });
      assert(filesOf(`${folder.path}/seed`).join() !== filesOf(`${folder.path}/1`).join());
    });
  }
}

/** Images of a set that is read in several tasks and written in several pieces. */
const IMAGES = 3000;

for (const [format, store] of Object.entries(STORES)) {
  for (const jobs of [1, 2]) {
    Deno.test(`${format}, shuffled with ${jobs} jobs: stopped while images are read or written, it goes on`, async () => {
      using folder = temporaryFolder();
      const input = `${folder.path}/faces`;
      writeDataset(input, faces({ identities: 50, images: IMAGES, bytes: [0, 900], record0: "first" }));
      const run = async (output: string, how: DecodeOptions) => {
        using dataset = await openDataset(input);
        return await decode([dataset], shuffled(store(output), { seed: 3 }), how);
      };
      const whole = `${folder.path}/whole`;
      await run(whole, { jobs });
      const stopped: string[] = [];
      for (const stage of ["read", "written"] as const) {
        for (const [i, share] of [0.3, 0.6, 0.9].entries()) {
          const output = `${folder.path}/${stage}${i}`;
          const stop = new AbortController();
          let isMerging = false;
          let done = 0;
          const { interrupted } = await run(output, {
            jobs,
            signal: stop.signal,
            onMerge() {
              isMerging = true;
              done = 0;
            },
            onProgress({ images }) {
              done += images;
              if (isMerging === (stage === "written") && done > share * IMAGES) stop.abort();
            },
          });
          // What is told in the end comes too late to stop it.
          if (!interrupted) continue;
          stopped.push(stage);
          assertEquals((await run(output, { jobs: 3 - jobs })).images, IMAGES);
          assertEquals(filesOf(output), filesOf(whole));
          assertEquals(hiddenIn(output), []);
        }
      }
      assertEquals([...new Set(stopped)], ["read", "written"]);
    });
  }
}

Deno.test("what was set aside and is gone or shorter is read again", async () => {
  using folder = temporaryFolder();
  const input = `${folder.path}/faces`;
  writeDataset(input, faces({ identities: 50, images: IMAGES, bytes: [0, 900], record0: "first" }));
  const run = async (output: string, how: DecodeOptions = {}) => {
    using dataset = await openDataset(input);
    return await decode([dataset], shuffled(webDataset(output, { images: 100 })), { jobs: 2, ...how });
  };
  const whole = `${folder.path}/whole`;
  await run(whole);
  for (
    const [name, harm] of Object.entries({
      gone: Deno.removeSync,
      shorter: (path: string) => Deno.truncateSync(path, 9),
    })
  ) {
    const output = `${folder.path}/${name}`;
    const stop = new AbortController();
    const { interrupted } = await run(output, { signal: stop.signal, onMerge: () => stop.abort() });
    assertEquals(interrupted, true);
    const spills = hiddenIn(output);
    assert(spills.length > 3);
    harm(`${output}/${spills[1]}`);
    await run(output);
    assertEquals(filesOf(output), filesOf(whole));
    assertEquals(hiddenIn(output), []);
  }
});

Deno.test("what was set aside and was changed ends the run, and is read again when it is removed", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  const stop = new AbortController();
  const store = () => webDataset(output, { images: 20 });
  await write("glint_mini", store(), { signal: stop.signal, onMerge: () => stop.abort() });
  const [spill] = hiddenIn(output);
  const bytes = Deno.readFileSync(`${output}/${spill}`);
  // The place of its first image.
  new DataView(bytes.buffer).setFloat64(32 + 7 * 8, 81, true);
  Deno.writeFileSync(`${output}/${spill}`, bytes);
  const error = await assertRejects(() => write("glint_mini", store()), UnrecError, "it is not what was written there");
  assert(error.message.includes(spill));
  Deno.removeSync(`${output}/${spill}`);
  assertEquals((await write("glint_mini", store())).images, 82);
});

Deno.test("shifted labels stay those of their images", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/out`;
  await write("glint_mini+second_source", webDataset(output, { images: 30 }), { relabel: true });
  using opened = new DisposableStack();
  const sources = [];
  for (const path of includeOf("glint_mini+second_source").split(",")) {
    sources.push(opened.use(await openDataset(path)));
  }
  await decode(sources, webDataset(`${folder.path}/plain`, { images: 30 }), { relabel: true });
  const labels = (output: string) =>
    Array.from(Deno.readDirSync(output), ({ name }) => name).filter((name) => name.endsWith(".tar"))
      .flatMap((name) => readTar(Deno.readFileSync(`${output}/${name}`)).filter(({ name }) => name.endsWith(".cls")))
      .map(({ name, bytes }) => `${name} ${new TextDecoder().decode(bytes)}`).sort();
  assertEquals(labels(output), labels(`${folder.path}/plain`));
});

Deno.test("what has no order cannot be shuffled", () => {
  assertThrows(() => shuffled(folderTree("never")), UnrecError, "Cannot shuffle what is written as folder");
});
