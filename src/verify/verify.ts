import { join } from "node:path";
import { addTraffic, type Traffic } from "../bytes/traffic.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { bytesOfTask, Pool, startWorkers, thisThread, type Thread } from "../pool/pool.ts";
import { type ProgressListener, StopFlag } from "../pool/work.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { requireUnchanged } from "../source/file_facts.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import type { Findings } from "./findings.ts";
import { loadImageDecoder } from "./image_decoder.ts";
import { surveyDataset } from "./survey.ts";
import { Verification, type VerifyOptions } from "./verification.ts";
import type { DatasetVerification, VerifyReport } from "./verify_report.ts";
import { startVerifyWork, type VerifyOutcome, type VerifySetup, type VerifyTask } from "./verify_work.ts";

/**
 * Reads all records of datasets once and says what is wrong with them, and with the tree that was decoded from them.
 *
 * @param places The datasets.
 * @param options How.
 * @returns What was found; undefined if {@linkcode VerifyOptions.signal} ended it.
 * @throws {UnrecError} If a file cannot be read at all.
 */
export async function verify(
  places: readonly DatasetPlace[],
  options: VerifyOptions,
): Promise<VerifyReport | undefined> {
  const { engine, chunkBytes, tree, signal } = options;
  if (tree !== undefined) requireFolder(tree.folder);
  // What cannot be loaded is told here, once, and not by each thread.
  if (options.decode) await loadImageDecoder();
  const facts = places.map((place) => place.facts());
  const stop = new StopFlag();
  const askToStop = () => stop.set();
  signal.addEventListener("abort", askToStop);
  const setup: VerifySetup = {
    files: places.map(({ files }) => files.spec),
    engine,
    chunkBytes,
    tree,
    decode: options.decode,
    md5: options.checksums,
    stop: stop.word,
  };
  const scanners = await loadEngine(engine);
  using pool = new Pool(
    await startThreads(setup, jobsFor(places, options), options.onProgress),
    stop,
    ({ dataset, start, end }) => `read bytes ${start} to ${end} of ${places[dataset].path}`,
  );
  const progress = new Verification(pool, options);
  try {
    const datasets: DatasetVerification[] = [];
    for (const [i, place] of places.entries()) {
      const findings: Findings = {};
      const survey = await surveyDataset(place, scanners, chunkBytes, findings);
      const result = await progress.verifyDataset(i, place, survey, findings);
      if (signal.aborted) return undefined;
      requireUnchanged(place.path, facts[i], place.facts());
      datasets.push(result);
    }
    const traffic = trafficOf(places, progress.traffic);
    if (tree === undefined) return { datasets, tree: undefined, ...traffic };
    const treeResult = await progress.verifyTree(tree.folder, signal);
    return treeResult && { datasets, tree: treeResult, ...traffic };
  } finally {
    stop.set();
    signal.removeEventListener("abort", askToStop);
  }
}

/** What went over a network, if something is at a URL: to find and open it, and in threads. */
function trafficOf(places: readonly DatasetPlace[], inThreads: Traffic): { traffic?: Traffic } {
  const opening = places.flatMap(({ traffic }) => traffic ?? []);
  if (opening.length === 0) return {};
  const traffic = { ...inThreads };
  for (const more of opening) addTraffic(traffic, more);
  return { traffic };
}

/** A thread more than there are tasks would only cost its start. */
function jobsFor(places: readonly DatasetPlace[], { jobs, chunkBytes, checksums }: VerifyOptions): number {
  if (checksums) return 1;
  let tasks = 0;
  for (const { files } of places) {
    using file = files.openRecords();
    tasks += Math.ceil(file.size / bytesOfTask(file.size, jobs, chunkBytes));
  }
  return Math.max(1, Math.min(jobs, tasks));
}

async function startThreads(
  setup: VerifySetup,
  jobs: number,
  onProgress: ProgressListener,
): Promise<Thread<VerifyTask, VerifyOutcome>[]> {
  if (jobs === 1) return [thisThread(await startVerifyWork(setup), onProgress)];
  return startWorkers(jobs, "verify", setup, onProgress);
}

function requireFolder(tree: string): void {
  try {
    // Listing it is what is done with it later; it fails for whatever is no folder.
    for (const _ of Deno.readDirSync(join(tree, "."))) break;
  } catch (error) {
    throw new UnrecError(`Cannot read the tree ${tree}: ${systemReason(error)}`);
  }
}
