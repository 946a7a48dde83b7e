import { openRecordFile } from "../dataset/dataset.ts";
import { describeDamage } from "../dataset/describe_damage.ts";
import { findNextRecord } from "../dataset/find_next_record.ts";
import type { RecordFile } from "../dataset/read_records.ts";
import { RecordWindow } from "../dataset/record_window.ts";
import { walkRecords, type WalkVisitor } from "../dataset/walk_records.ts";
import type { Runner } from "../decode/task_host.ts";
import type { Written } from "../decode/image_writer.ts";
import { UnrecError } from "../errors.ts";
import { LabelSet } from "../label_set.ts";
import { loadEngine } from "../recordio/engine.ts";
import { imageForm } from "../recordio/image_form.ts";
import { type RecordScanner, ROW, ROW_WORDS } from "../recordio/types.ts";
import { FileMd5 } from "./file_md5.ts";
import { addFinding, type FindingKind, type Findings } from "./findings.ts";
import { TreeComparison } from "./tree_comparison.ts";
import type { VerifyOutcome, VerifySetup, VerifyTask } from "./verify_task.ts";

/** Verifies stretches of record files, one after the other in one thread. */
export class VerifyRunner implements Runner<VerifyTask, VerifyOutcome> {
  readonly #setup: VerifySetup;
  readonly #scanner: RecordScanner;
  readonly #tree: TreeComparison | undefined;
  readonly #files: RecordFile[] = [];
  readonly #sums: FileMd5[] = [];

  private constructor(setup: VerifySetup, scanner: RecordScanner) {
    this.#setup = setup;
    this.#scanner = scanner;
    this.#tree = setup.tree === undefined ? undefined : new TreeComparison(setup.tree, setup.deep);
  }

  /** @param setup What to read, and how. */
  static async create(setup: VerifySetup): Promise<VerifyRunner> {
    const scanners = await loadEngine(setup.engine);
    return new VerifyRunner(setup, scanners.createRecordScanner(setup.chunkBytes));
  }

  /**
   * Verifies a stretch. Ends early when asked to stop.
   *
   * @param task Which one.
   * @yields How far it is, after each read.
   * @returns What was found.
   */
  *run(task: VerifyTask): Generator<Written, VerifyOutcome> {
    const inspection = new Inspection(task, this.#tree);
    const { outcome } = inspection;
    const { stop, md5 } = this.#setup;
    try {
      const source = this.#files[task.dataset] ??= openRecordFile(this.#setup.files[task.dataset]);
      const sum = md5 ? this.#sums[task.dataset] ??= new FileMd5() : undefined;
      // A window of its own: what the last one holds was changed where multi-part records were joined.
      const window = new RecordWindow(source, this.#scanner, sum && ((bytes, offset) => sum.add(bytes, offset)));
      const walk = verifyRange(window, task, inspection, outcome);
      for (const _ of walk) {
        if (Atomics.load(stop, 0) !== 0) return outcome;
        outcome.bytes = Math.max(0, Math.min(window.offset, task.end) - task.start);
        yield outcome;
      }
      outcome.bytes = task.end - task.start;
      if (task.end === source.bytes) outcome.md5 = sum?.end(source);
    } catch (error) {
      if (!(error instanceof UnrecError)) throw error;
      outcome.failure = error.message;
    }
    inspection.end();
    return outcome;
  }

  /** Closes the files and gives the scanner's memory back. */
  close(): void {
    for (const source of this.#files) source?.file.close();
    this.#scanner.close();
  }
}

function* verifyRange(
  window: RecordWindow,
  { start, end, first }: VerifyTask,
  visitor: WalkVisitor,
  outcome: VerifyOutcome,
): Generator<void, void> {
  outcome.first = first ?? (yield* findNextRecord(window, start));
  outcome.next = outcome.first < end ? yield* walkRecords(window, outcome.first, end, visitor) : outcome.first;
}

/** Looks at the records of a stretch. */
class Inspection implements WalkVisitor {
  readonly outcome: VerifyOutcome;
  readonly #task: VerifyTask;
  readonly #tree: TreeComparison | undefined;
  readonly #findings: Findings = {};
  readonly #labels = new LabelSet();
  /** Grows by doubling: how many records there are is not known before. */
  #offsets = new Uint32Array(1024);
  /** The next of the task's images. */
  #image = 0;
  readonly #fileOrdinals: number[] = [];
  readonly #fileLabels: number[] = [];

  constructor(task: VerifyTask, tree: TreeComparison | undefined) {
    this.#task = task;
    this.#tree = tree;
    this.outcome = {
      images: 0,
      bytes: 0,
      first: task.start,
      next: task.start,
      records: 0,
      frames: 0,
      multiPartRecords: 0,
      offsets: new Uint32Array(),
      labels: new Float64Array(),
      damagedBytes: 0,
      findings: this.#findings,
      fileOrdinals: new Uint32Array(),
      fileLabels: new Float64Array(),
    };
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
      if (images === undefined) {
        if (table[row + ROW.LENGTH] > 0) this.#inspectImage(scanner, row, offset);
        continue;
      }
      while (this.#image < images.length && images[this.#image] < offset) this.#image++;
      if (images[this.#image] !== offset) continue;
      const label = this.#inspectImage(scanner, row, offset);
      for (; images[this.#image] === offset; this.#image++) {
        outcome.images++;
        if (this.#tree !== undefined && label !== undefined) this.#compareFile(scanner, row, label);
      }
    }
  }

  damaged(damage: Parameters<WalkVisitor["damaged"]>[0]): void {
    this.outcome.damagedBytes += damage.end - damage.start;
    addFinding(this.#findings, "damage", [{ byte: damage.start, detail: describeDamage(damage) }]);
  }

  /** Turns what was gathered into plain data. */
  end(): void {
    const { outcome } = this;
    outcome.offsets = this.#offsets.slice(0, outcome.records);
    outcome.labels = Float64Array.from(this.#labels);
    outcome.fileOrdinals = Uint32Array.from(this.#fileOrdinals);
    outcome.fileLabels = Float64Array.from(this.#fileLabels);
  }

  /** Looks at an image; returns its label, shifted, or undefined if it has none. */
  #inspectImage({ table, labels, chunk }: RecordScanner, row: number, offset: number): number | undefined {
    const start = table[row + ROW.IMAGE];
    const length = table[row + ROW.LENGTH];
    if (length === 0) {
      this.#add("empty-image", offset);
    } else {
      const form = imageForm(chunk, start, start + length);
      if (form !== "whole") this.#add(form === "cut" ? "cut-image" : "unknown-image", offset);
    }
    const label = Math.trunc(labels[row + ROW.LABEL]) + this.#task.labelShift;
    if (!Number.isFinite(label)) {
      this.#add("label", offset, `label ${label}`);
      return undefined;
    }
    this.#labels.add(label);
    return label;
  }

  #compareFile({ table, chunk }: RecordScanner, row: number, label: number): void {
    const ordinal = this.#task.images!.ordinals[this.#image];
    const start = table[row + ROW.IMAGE];
    const path = this.#tree!.pathOf(label, ordinal);
    const kind = this.#tree!.compare(path, chunk.subarray(start, start + table[row + ROW.LENGTH]));
    if (kind !== undefined) addFinding(this.#findings, kind, [{ path }]);
    this.#fileOrdinals.push(ordinal);
    this.#fileLabels.push(label);
  }

  #add(kind: FindingKind, offset: number, detail?: string): void {
    addFinding(this.#findings, kind, [{ byte: this.#task.start + offset, ...detail === undefined ? {} : { detail } }]);
  }
}
