/**
 * Fuzz targets: each makes one case from random numbers, runs the program's own code on it with both engines, and throws
 * if they differ or if anything but the program's own errors comes out.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { decode } from "../../src/decode/decode.ts";
import { DecodeError } from "../../src/decode/options.ts";
import { UnrecError } from "../../src/errors.ts";
import type { DecodeReport } from "../../src/decode/tally.ts";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { tsEngine } from "../../src/recordio/ts_engine.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import type { SourceOptions } from "../../src/source/source.ts";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";
import { PAIRS, rowsOf, SETS } from "../pickle/sets.ts";
import { treeOf } from "../tree.ts";
import { encodeRecord, faces, type TestRecord } from "../write_dataset.ts";
import { joined, mutate, mutateText, sampleIndex, samplePickle, sampleRecords } from "./samples.ts";
import { indexScan, recordScan } from "./scans.ts";

/** Runs one case. */
export type FuzzTarget = (random: () => number) => void | Promise<void>;

const CHUNK_BYTES = 4096;

/** Record bytes: the two record scanners say the same of them. */
export function recordTarget(): FuzzTarget {
  const [wasm, ts] = [wasmEngine, tsEngine].map((engine) => engine.createRecordScanner(CHUNK_BYTES));
  return (random) => {
    const bytes = mutate(sampleRecords(random), random);
    const from = random() < 0.8 ? 0 : Math.floor(random() * (bytes.length + 1));
    assertEquals(recordScan(wasm, bytes, from), recordScan(ts, bytes, from));
  };
}

/** Index text: the two index scanners say the same of it. */
export function indexTarget(): FuzzTarget {
  const [wasm, ts] = [wasmEngine, tsEngine].map((engine) => engine.createIndexScanner(CHUNK_BYTES));
  return (random) => {
    const text = new TextEncoder().encode(sampleIndex(random));
    assertEquals(indexScan(wasm, text), indexScan(ts, text));
  };
}

/** Pickles: they are read, or refused with a reason. */
export function pickleTarget(): FuzzTarget {
  const whole = SETS.filter((name) => !name.startsWith("pairs")).map((name) => Deno.readFileSync(join(PAIRS, name)));
  return (random) => {
    const bytes = samplePickle(whole, random);
    try {
      rowsOf(readVerificationSet(bytes, "x.bin"));
    } catch (error) {
      if (!(error instanceof UnrecError)) throw error;
      assert(error.message.startsWith("Cannot read x.bin: "), error.message);
    }
  };
}

/**
 * Whole datasets: both engines and chunks of any size write the same tree and give the same error, and nothing is
 * written anywhere else.
 *
 * @param folder An empty folder.
 */
export function datasetTarget(folder: string): FuzzTarget {
  const dataset = join(folder, "faces");
  Deno.mkdirSync(dataset);
  return async (random) => {
    const { record, index } = sampleDataset(random);
    Deno.writeFileSync(join(dataset, "train.rec"), random() < 0.7 ? mutate(record, random) : record);
    const text = new TextEncoder().encode(index);
    Deno.writeFileSync(join(dataset, "train.idx"), random() < 0.5 ? mutateText(text, random) : text);
    const onError = random() < 0.5 ? "stop" : "skip";
    const outcomes = [];
    for (const [engine, chunkBytes] of [["wasm", 256], ["ts", 256], ["wasm", 65536]] as const) {
      const output = join(folder, "images");
      outcomes.push(await outcomeOf(dataset, output, { engine, chunkBytes, onError }));
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), ["faces", "images"]);
      assertEquals(Array.from(Deno.readDirSync(dataset), ({ name }) => name).sort(), ["train.idx", "train.rec"]);
      Deno.removeSync(output, { recursive: true });
    }
    for (const outcome of outcomes) assertEquals(outcome, outcomes[0]);
  };
}

/** What stands after a damaged frame is searched as far as it is read, and a larger chunk reads farther. */
const NEXT_WORD = /, and the next such word at byte \d+/g;

/** The tree and the error that a dataset comes to. */
async function outcomeOf(
  path: string,
  output: string,
  options: Pick<SourceOptions, "engine" | "chunkBytes" | "onError">,
) {
  Deno.mkdirSync(output);
  let message = "";
  let images: number | undefined;
  let lost: string[] = [];
  try {
    using dataset = await openDataset(path, options);
    const report = await decode([dataset], folderTree(output), { onError: options.onError, jobs: 1 });
    images = report.images;
    lost = lossesOf(report);
  } catch (error) {
    assert(error instanceof UnrecError, (error as Error).stack);
    if (error instanceof DecodeError) images = error.report.images;
    message = error.message.replace(NEXT_WORD, "");
  }
  const tree = treeOf(output);
  if (message === "" && options.engine === "ts") {
    // The same once more finds all written, and says the same of what is lost. One of the three is enough for that.
    using dataset = await openDataset(path, options);
    const again = await decode([dataset], folderTree(output), { onError: options.onError, jobs: 1 });
    assertEquals([again.images, lossesOf(again)], [images, lost]);
    if (options.onError === "skip" || lost.length === 0) assertEquals(again.resumed.images, images);
    assertEquals(treeOf(output), tree);
  }
  assert(tree.every((line) => /^[0-9a-f]{64} {2}id_(-?\d+)[/\\]\1_\d+\.jpg$/.test(line)), tree.join("\n"));
  return { message, images, lost, tree };
}

/** What a report says is lost, in a form in which two reports can be compared. */
function lossesOf({ lost }: DecodeReport): string[] {
  return lost.map((loss) =>
    JSON.stringify([loss.places, loss.identities(), loss.unindexed?.places, loss.unindexed?.first])
      .replace(NEXT_WORD, "")
  );
}

/** A small dataset of any layout, in any order of its keys. */
function sampleDataset(random: () => number): { record: Uint8Array<ArrayBuffer>; index: string } {
  const records: TestRecord[] = [...faces({
    identities: 1 + Math.floor(random() * 4),
    images: Math.floor(random() * 12),
    bytes: [0, 1 + Math.floor(random() * 80)],
    record0: random() < 0.5 ? "first" : "last",
    firstLabel: Math.floor(random() * 3) - 1,
    seed: Math.floor(random() * 1000),
  })].filter(({ key }) => key > 0 || random() < 0.9);
  if (random() < 0.2) records.sort(() => random() - 0.5);
  const frames = records.map((record) => encodeRecord(random() < 0.1 ? { ...record, label: random() * 5 } : record));
  let offset = 0;
  const lines = records.map(({ key }, i) => {
    offset += frames[i].length;
    return `${key}\t${offset - frames[i].length}\n`;
  });
  if (random() < 0.2) lines.sort(() => random() - 0.5);
  return { record: joined(frames), index: lines.join("") };
}
