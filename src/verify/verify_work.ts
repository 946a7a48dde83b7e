import type { Reading } from "../bytes/reading.ts";
import { type BytesSpec, openStretches, type Stretches } from "../bytes/stretches.ts";
import { noTraffic, type Traffic, trafficSince } from "../bytes/traffic.ts";
import { Cursor } from "../dataset/cursor.ts";
import { KindCounter, type TaskKinds } from "../dataset/image_kinds.ts";
import { LabelSet } from "../dataset/label_set.ts";
import { type Damage, describeDamage, findNextRecord, walkRecords, type WalkVisitor } from "../dataset/walk.ts";
import { type Remedy, UnrecError } from "../errors.ts";
import { type Progress, type Steps, StopFlag, Stopped, type Work } from "../pool/work.ts";
import { labelProblem } from "../recordio/label_kind.ts";
import type { PayloadEnding } from "../recordio/payload_kind.ts";
import { RecordView } from "../recordio/record_view.ts";
import { type EngineName, type RecordScanner, ROW, ROW_WORDS } from "../recordio/types.ts";
import { NameTemplate } from "../sink/name_template.ts";
import { Namer } from "../sink/namer.ts";
import { loadEngine } from "../wasm/load_engine.ts";
import { type Decoded, Decoding } from "./decoding.ts";
import { FileMd5 } from "./file_md5.ts";
import { addFinding, type FindingKind, type Findings } from "./findings.ts";
import { type ImageDecoder, loadImageDecoder } from "./image_decoder.ts";
import { compareFile, pathHash, type TreeSpec } from "./tree_files.ts";

/** A stretch of a record file to be verified: all records that begin in it. Plain data. */
export interface VerifyTask {
  /** Which dataset, from 0. */
  dataset: number;
  /** Byte of the file where the stretch begins. */
  start: number;
  /** The byte after its last one. */
  end: number;
  /** Byte where its first record begins, or should, if that is known; else it is searched for in the stretch. */
  first: number | undefined;
  /** The images in it, as the index and the layout have them; undefined if there is no layout. */
  images: TaskImages | undefined;
  /** What is added to labels. */
  labelShift: number;
}

/** Images of a stretch, in the order of the file. */
export interface TaskImages {
  /** Where they begin, bytes from the start of the stretch, rising; twice when an image is named twice. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Their places in reading order, over all datasets. */
  numbers: Float64Array<ArrayBuffer>;
  /** Their keys. */
  keys: Float64Array<ArrayBuffer>;
  /** Their labels, where a list beside the dataset tells them and not their headers. */
  listedLabels?: Float64Array<ArrayBuffer>;
  /** Keys of the identity records that name them; undefined in the flat layout. */
  identities?: Float64Array<ArrayBuffer>;
  /** Their places among the images of their label, where the names of files have those. */
  indices?: Float64Array<ArrayBuffer>;
  /** Which of them have a file in the tree: 1, else 0; undefined if all have. */
  chosen?: Uint8Array<ArrayBuffer>;
}

/** What was found in a stretch. Plain data. */
export interface VerifyOutcome {
  /** Byte where its first record begins, or should; the end of the stretch if a search found none. */
  first: number;
  /** Byte where the first record after the stretch begins, or should; of no meaning if there is {@linkcode damage}. */
  next: number;
  /** What the stretch ends in, if that is damage: where it ends is not known. It is not among the findings. */
  damage?: Damage;
  /** Records. */
  records: number;
  /** Frames that they are stored in. */
  frames: number;
  /** Records stored in several parts. */
  multiPartRecords: number;
  /** Where the records begin, bytes from the start of the stretch. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Labels of the images, shifted, each once. */
  labels: Float64Array<ArrayBuffer>;
  /** Of which kinds the images with a label are. */
  kinds: TaskKinds;
  /** What decoding the images gave, if that was asked for. */
  decoded?: Decoded;
  /** Bytes after the first record that belong to none. */
  damagedBytes: number;
  /** What is wrong. */
  findings: Findings;
  /** With a tree: the numbers of images that have a file there, or should. */
  fileNumbers: Float64Array<ArrayBuffer>;
  /** With a tree: the hashes of those files' paths. */
  fileHashes: Float64Array<ArrayBuffer>;
  /** The md5 sum of the whole file, if it was asked for and this is the last stretch. */
  md5?: string;
  /** What went over a network. */
  traffic?: Traffic;
  /** Why the task ended early. */
  failure?: { message: string; remedies: readonly Remedy[] };
}

/** What is needed to do {@linkcode VerifyTask}s. Plain data. */
export interface VerifySetup {
  /** The record file of each dataset. */
  files: BytesSpec[];
  /** Which scanners read them. */
  engine: EngineName;
  /** How many bytes are read at once. */
  chunkBytes: number;
  /** The tree to compare with. */
  tree: TreeSpec | undefined;
  /** Whether images are decoded. */
  decode: boolean;
  /** Whether md5 sums are made; stretches must be given in the order of the file then. */
  md5: boolean;
  /** The word of a {@linkcode StopFlag}. */
  stop: Int32Array<SharedArrayBuffer>;
}

/**
 * Makes what does {@linkcode VerifyTask}s in this thread.
 *
 * @param setup What it needs.
 */
export async function startVerifyWork(setup: VerifySetup): Promise<Work<VerifyTask, VerifyOutcome>> {
  const engine = await loadEngine(setup.engine);
  const decoder = setup.decode ? await loadImageDecoder() : undefined;
  return new VerifyWork(setup, engine.createRecordScanner(setup.chunkBytes), decoder);
}

/** Verifies stretches of record files, one after the other in one thread. */
class VerifyWork implements Work<VerifyTask, VerifyOutcome> {
  readonly progress: Progress = { images: 0, bytes: 0, read: 0 };
  readonly #setup: VerifySetup;
  readonly #scanner: RecordScanner;
  readonly #decoding: Decoding | undefined;
  readonly #tree: Tree | undefined;
  readonly #stop: StopFlag;
  readonly #stopped: AbortSignal;
  readonly #files: Stretches[] = [];
  readonly #sums: FileMd5[] = [];

  constructor(setup: VerifySetup, scanner: RecordScanner, decoder: ImageDecoder | undefined) {
    this.#setup = setup;
    this.#scanner = scanner;
    this.#decoding = decoder && new Decoding(decoder);
    this.#tree = setup.tree && { ...setup.tree, names: new Namer(new NameTemplate(setup.tree.names)) };
    this.#stop = new StopFlag(setup.stop);
    this.#stopped = this.#stop.signal();
  }

  /** Verifies a stretch. Ends early when asked to stop. */
  async *run(task: VerifyTask): Steps<VerifyOutcome> {
    const { md5, files } = this.#setup;
    const inspection = new Inspection(task, this.#tree, this.#decoding);
    const { outcome } = inspection;
    const before = { ...this.progress };
    const tell = (bytes: number) => {
      const done = Math.max(0, bytes - task.start);
      Object.assign(this.progress, {
        images: before.images + inspection.images,
        bytes: before.bytes + done,
        read: before.read + done,
      });
    };
    let trafficBefore = noTraffic();
    let file: Stretches | undefined;
    try {
      const how = { chunkBytes: this.#setup.chunkBytes, signal: this.#stopped };
      file = this.#files[task.dataset] ??= openStretches(files[task.dataset], how);
      trafficBefore = { ...file.traffic ?? trafficBefore };
      const sum = md5 ? this.#sums[task.dataset] ??= new FileMd5() : undefined;
      // A cursor of its own: what the last one's chunk holds was changed where multi-part records were joined.
      const cursor = new Cursor(file.source, this.#scanner, sum && ((bytes, offset) => sum.add(bytes, offset)));
      const walk = file.run(verifyRange(cursor, task, inspection, outcome), task.start, task.end);
      for await (const _ of inspection.steps(walk)) {
        if (this.#stop.isSet) return outcome;
        tell(Math.min(cursor.chunkOffset, task.end));
        yield;
      }
      tell(task.end);
      if (task.end === file.source.size) outcome.md5 = await sum?.end(file.source);
    } catch (error) {
      if (error instanceof Stopped) return outcome;
      if (!(error instanceof UnrecError)) throw error;
      outcome.failure = { message: error.message, remedies: error.remedies };
    }
    inspection.end();
    if (file?.traffic !== undefined) outcome.traffic = trafficSince(file.traffic, trafficBefore);
    return outcome;
  }

  /** Closes the files and gives the scanner's memory back. */
  [Symbol.dispose](): void {
    for (const file of this.#files) file?.[Symbol.dispose]();
    this.#scanner.close();
  }
}

function* verifyRange(
  cursor: Cursor,
  { start, end, first }: VerifyTask,
  visitor: WalkVisitor,
  outcome: VerifyOutcome,
): Reading<void> {
  outcome.first = first ?? (yield* findNextRecord(cursor, start, end));
  outcome.next = outcome.first;
  if (outcome.first < end) outcome.next = (yield* walkRecords(cursor, outcome.first, end, visitor)) ?? end;
}

/** A tree to compare with, its template read. */
type Tree = Omit<TreeSpec, "names"> & { names: Namer };

/** Looks at the records of a stretch. */
class Inspection implements WalkVisitor {
  readonly outcome: VerifyOutcome;
  /** Images met, each as often as it is named. */
  images = 0;
  readonly #task: VerifyTask;
  readonly #tree: Tree | undefined;
  readonly #view = new RecordView();
  readonly #findings: Findings = {};
  readonly #labels = new LabelSet();
  readonly #kinds = new KindCounter();
  /** Grows by doubling: how many records there are is not known before. */
  #offsets = new Uint32Array(1024);
  /** The next of the task's images. */
  #image = 0;
  readonly #fileNumbers: number[] = [];
  readonly #fileHashes: number[] = [];
  readonly #decoding: Decoding | undefined;

  constructor(task: VerifyTask, tree: Tree | undefined, decoding: Decoding | undefined) {
    this.#task = task;
    this.#tree = tree;
    this.#decoding = decoding;
    decoding?.begin(this.#findings);
    this.outcome = {
      first: task.start,
      next: task.start,
      records: 0,
      frames: 0,
      multiPartRecords: 0,
      offsets: new Uint32Array(),
      labels: new Float64Array(),
      kinds: { counts: {} },
      damagedBytes: 0,
      findings: this.#findings,
      fileNumbers: new Float64Array(),
      fileHashes: new Float64Array(),
    };
  }

  /**
   * Goes through a walk, and decodes what it meets.
   *
   * @param walk Calls this inspection.
   * @yields After each of its steps, and after each image that was decoded.
   */
  async *steps(walk: Iterable<void> | AsyncIterable<void>): AsyncGenerator<void> {
    for await (const _ of walk) {
      yield;
      if (this.#decoding !== undefined) yield* this.#decoding.steps();
    }
    if (this.#decoding !== undefined) yield* this.#decoding.steps();
  }

  records(scanner: RecordScanner, count: number, chunkOffset: number): void {
    const { outcome } = this;
    const { table } = scanner;
    const images = this.#task.images?.offsets;
    const toTask = chunkOffset - this.#task.start;
    while (outcome.records + count > this.#offsets.length) {
      const larger = new Uint32Array(this.#offsets.length * 2);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    const offsets = this.#offsets;
    const end = count * ROW_WORDS;
    for (let row = 0; row < end; row += ROW_WORDS) {
      const offset = toTask + table[row + ROW.FRAME];
      offsets[outcome.records++] = offset;
      const parts = table[row + ROW.PARTS];
      outcome.frames += parts;
      if (parts > 1) outcome.multiPartRecords++;
      const view = this.#view.at(scanner, row, this.#task.start + offset, 0, undefined);
      view.labelShift = this.#task.labelShift;
      if (images === undefined) {
        // The only order that is known.
        view.number = view.offset;
        const ending = view.ending;
        if (view.length > 0 && this.#inspect(view, ending)) this.#count(view, ending);
        continue;
      }
      while (this.#image < images.length && images[this.#image] < offset) this.#image++;
      if (images[this.#image] !== offset) continue;
      view.listedLabel = this.#task.images!.listedLabels?.[this.#image];
      const ending = view.ending;
      const hasLabel = this.#inspect(view, ending);
      for (; images[this.#image] === offset; this.#image++) {
        this.images++;
        view.number = this.#task.images!.numbers[this.#image];
        view.key = this.#task.images!.keys[this.#image];
        view.identity = this.#task.images!.identities?.[this.#image];
        view.index = this.#task.images!.indices?.[this.#image];
        if (hasLabel) this.#count(view, ending);
        const hasFile = this.#task.images!.chosen?.[this.#image] !== 0;
        if (this.#tree !== undefined && hasLabel && hasFile) this.#compare(this.#tree, view);
      }
    }
  }

  damaged(damage: Damage): void {
    this.outcome.damagedBytes += damage.end - damage.start;
    if (damage.end === this.#task.end) this.outcome.damage = damage;
    else addFinding(this.#findings, "damage", [{ byte: damage.start, detail: describeDamage(damage) }]);
  }

  /** Turns what was gathered into plain data. */
  end(): void {
    const { outcome } = this;
    outcome.offsets = this.#offsets.slice(0, outcome.records);
    outcome.labels = Float64Array.from(this.#labels);
    outcome.kinds = this.#kinds.kinds;
    if (this.#decoding !== undefined) outcome.decoded = this.#decoding.decoded;
    outcome.fileNumbers = Float64Array.from(this.#fileNumbers);
    outcome.fileHashes = Float64Array.from(this.#fileHashes);
  }

  /** Says what is wrong with an image; returns whether it has a label. */
  #inspect(view: RecordView, ending: PayloadEnding): boolean {
    const { offset } = view;
    const problem = labelProblem(view);
    if (problem?.kind === "no-label-vector") {
      this.#add("no-label-vector", offset);
      return false;
    }
    if (ending === "cut") this.#add("cut-image", offset);
    if (ending === "unknown") {
      const { name } = view.payload;
      if (name === "empty") this.#add("empty-image", offset);
      if (name === "raw") this.#add("unknown-image", offset);
    }
    this.#decoding?.add(view);
    if (problem !== undefined) {
      this.#add("label", offset, `label ${problem.value}`);
      return false;
    }
    this.#labels.add(view.label);
    return true;
  }

  /** Counts an image with a label. */
  #count(view: RecordView, ending: PayloadEnding): void {
    this.#kinds.add(view);
    if (ending === "trailing") this.#kinds.count("trailing-bytes", view, view.length);
  }

  #compare({ folder, names, deep }: Tree, view: RecordView): void {
    const path = names.pathOf(view);
    const kind = compareFile(`${folder}/${path}`, view.bytes, deep);
    if (kind !== undefined) addFinding(this.#findings, kind, [{ path }]);
    this.#fileNumbers.push(view.number);
    this.#fileHashes.push(pathHash(path));
  }

  #add(kind: FindingKind, byte: number, detail?: string): void {
    addFinding(this.#findings, kind, [{ byte, ...detail === undefined ? {} : { detail } }]);
  }
}
