/**
 * The journal's form: a line for each thing, `CRC JSON`, where CRC is the CRC-32 of the JSON in eight hexadecimal
 * digits. A line that is not whole, or was changed, is not taken for one, so the file may end at any byte.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { LostRange } from "../dataset/lost_range.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { PlacedImage } from "./image_writer.ts";

/** The first line. */
export interface JournalHeader {
  /** What the run's tree and tasks depend on. */
  plan: Fingerprint;
  /** Whether the output folder was empty before, so that all images in it are the run's. */
  alone: boolean;
}

/** A finished task: all its files are closed. */
export interface TaskLine {
  /** Number of its dataset, from 0. */
  dataset: number;
  /** Byte of the record file where it begins, and how many images it has: that tells it from others. */
  start: number;
  /** Images written. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** How many of them have none. */
  emptyImages: number;
  /** How many were stored in several parts. */
  multiPartImages: number;
  /** Their labels, see `labelRanges`. */
  labels: string;
  /** Images that could not be read, where those are left out. */
  lost?: LostRange[];
  /** The one written last: if it is not there as it was written, neither may be the others. */
  last?: PlacedImage;
}

/** How many images a finished task had to write, those counted that could not be read. */
export function imagesWanted({ images, lost = [] }: TaskLine): number {
  return lost.reduce((sum, range) => sum + range.images, images);
}

/** The last line, when all is written and the journal is kept. */
export interface CompleteLine {
  /** What was written. */
  complete: { images: number; labels: number };
}

/** What a journal says. */
export interface JournalContent {
  /** Its first line. */
  header: JournalHeader;
  /** The finished tasks. */
  tasks: TaskLine[];
  /** Its last line, if all was written. */
  complete: CompleteLine["complete"] | undefined;
  /** Bytes up to the end of the last whole line. */
  length: number;
}

const LINE_FEED = 10;

/** Writes a line, its line feed included. */
export function journalLine(line: JournalHeader | TaskLine | CompleteLine): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify(line);
  return new TextEncoder().encode(`${checksum(json)} ${json}\n`);
}

/**
 * Reads a journal.
 *
 * @param bytes The file, which may end anywhere.
 * @returns What it says; undefined if its first line is not whole, so that it says nothing.
 */
export function parseJournal(bytes: Uint8Array): JournalContent | undefined {
  const length = bytes.lastIndexOf(LINE_FEED) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).split("\n").slice(0, -1).map(parseLine);
  const header = lines[0] as JournalHeader | undefined;
  if (header?.plan === undefined) return undefined;
  const rest = lines.slice(1).filter((line) => line !== undefined) as (TaskLine | CompleteLine)[];
  return {
    header,
    tasks: rest.filter((line) => "start" in line),
    complete: rest.find((line) => "complete" in line)?.complete,
    length,
  };
}

function parseLine(line: string): unknown {
  const json = line.slice(9);
  return line === `${checksum(json)} ${json}` ? JSON.parse(json) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
