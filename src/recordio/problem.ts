import { CFLAG, IR_HEADER_BYTES, MAGIC } from "./constants.ts";
import { type RecordScanner, SCAN, type ScanStatus } from "./types.ts";

/** Why a record cannot be read: plain numbers, so that it can cross from a worker. Bytes count from the file's start. */
export interface RecordProblem {
  /** What is wrong. */
  kind:
    | "bad-magic"
    | "unexpected-part"
    | "unfinished-record"
    | "header-too-short"
    | "labels-too-long"
    | "no-label-vector"
    | "record-too-long"
    | "truncated"
    | "outside"
    | "label"
    | "other-label";
  /** Where the record begins, or should. */
  offset: number;
  /** Where the problem lies. */
  position: number;
  /**
   * What stands there; for `truncated` how many bytes are missing, for `label` and `other-label` the label, for `no-label-vector` how many
   * labels are announced.
   */
  value: number;
  /** For `bad-magic` where the next such word stands, if the bytes read so far have one. */
  nextFrame?: number;
}

/** A record that cannot be read. {@linkcode describeProblem} makes the sentence of it. */
export class RecordError extends Error {
  override name = "RecordError";
  /** What is wrong, and where. */
  readonly problem: RecordProblem;

  /** @param problem What is wrong, and where. */
  constructor(problem: RecordProblem) {
    super(describeProblem(problem));
    this.problem = problem;
  }
}

const KINDS: Partial<Record<ScanStatus, RecordProblem["kind"]>> = {
  [SCAN.BAD_MAGIC]: "bad-magic",
  [SCAN.UNEXPECTED_PART]: "unexpected-part",
  [SCAN.UNFINISHED_RECORD]: "unfinished-record",
  [SCAN.HEADER_TOO_SHORT]: "header-too-short",
  [SCAN.LABELS_TOO_LONG]: "labels-too-long",
  [SCAN.RECORD_TOO_LONG]: "record-too-long",
};

/**
 * The problem that a scan stopped at.
 *
 * @param scanner The scanner, after the scan.
 * @param status What the scan ended with, a status that names a problem.
 * @param chunkOffset Where in the file the chunk begins.
 * @param filled How many bytes of the chunk were read.
 * @returns The problem, in bytes of the file.
 */
export function problemOf(
  scanner: RecordScanner,
  status: ScanStatus,
  chunkOffset: number,
  filled: number,
): RecordProblem {
  const { next, position, value } = scanner;
  const kind = KINDS[status]!;
  const named = kind === "bad-magic" || kind === "unfinished-record" || kind === "unexpected-part";
  const problem: RecordProblem = {
    kind,
    offset: chunkOffset + next,
    position: chunkOffset + (named ? position : next),
    value,
  };
  if (kind === "bad-magic") {
    // The chunk is aligned as the file is, and only at such places a frame begins.
    const found = scanner.findMagic(position + 4, filled);
    if (found < filled) problem.nextFrame = chunkOffset + found;
  }
  return problem;
}

/**
 * Says what is wrong with a record, and where.
 *
 * @param problem From a scan.
 * @returns Part of a sentence, to stand after "Cannot read the record ...: ".
 */
export function describeProblem(problem: RecordProblem): string {
  const { kind, position, value } = problem;
  switch (kind) {
    case "bad-magic": {
      const where = position === problem.offset ? "there" : `at byte ${position}, where its next part belongs`;
      const next = problem.nextFrame === undefined ? "" : `, and the next such word at byte ${problem.nextFrame}`;
      return `no frame begins ${where}: ${hex(value)} stands in place of the magic word ${hex(MAGIC)}${next}`;
    }
    case "unexpected-part":
      return `a frame stands there, but it is the ${
        value === CFLAG.LAST ? "last" : value === CFLAG.MIDDLE ? "middle" : "unknown"
      } part of a multi-part record (cflag ${value}), not the beginning of one`;
    case "unfinished-record":
      return `it is multi-part and does not end: at byte ${position} another record begins (cflag ${value})`;
    case "header-too-short":
      return `it has ${value} bytes, fewer than the ${IR_HEADER_BYTES} of an image header`;
    case "labels-too-long":
      return `its header announces ${value} labels, more than it has room for`;
    case "no-label-vector":
      return `its header announces ${value} ${value === 1 ? "label" : "labels"}, but the image begins where ${
        value === 1 ? "it" : "they"
      } should stand`;
    case "record-too-long":
      return `its parts add up to ${value} bytes, and a record ends below 2^29`;
    case "truncated":
      return `the file ends before it does, ${value} ${value === 1 ? "byte is" : "bytes are"} missing`;
    case "outside":
      return `that is outside the file, which has ${value} bytes`;
    case "label":
      return `its label is ${value}, which names no class`;
    case "other-label":
      return `its label is ${value}, and the first image of its identity record, by which it was chosen, has another one`;
  }
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
