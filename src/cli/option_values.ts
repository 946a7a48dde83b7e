import type { EngineName } from "../recordio/types.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

const MOST_JOBS = 256;
const LEAST_CHUNK = 256;
const MOST_CHUNK = 256 * 2 ** 20;

/**
 * Reads `--jobs`.
 *
 * @param text What stands behind `--jobs=`; the number of the machine's cores if it is not given.
 * @throws {UsageError} If it is no whole number from 1 to 256.
 */
export function parseJobs(text: string | undefined): number {
  if (text === undefined) return navigator.hardwareConcurrency;
  const jobs = Number(text);
  if (/^\d+$/.test(text) && jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new UsageError(`--jobs=${text}: give a whole number from 1 to ${MOST_JOBS}`);
}

/**
 * Reads an option that has a few words to choose from.
 *
 * @param name The option.
 * @param words What may stand there, the default first.
 * @param text What stands there.
 * @throws {UsageError} If it is another word.
 */
export function parseWord<W extends string>(name: string, words: readonly [W, ...W[]], text: string = words[0]): W {
  const word = words.find((word) => word === text);
  if (word !== undefined) return word;
  throw new UsageError(`--${name}=${text}: did you mean --${name}=${nearest(text, words)}?`);
}

/**
 * Reads `--engine`.
 *
 * @param text What stands behind `--engine=`.
 * @throws {UsageError} If there is no such engine.
 */
export function parseEngine(text: string | undefined): EngineName {
  return parseWord("engine", ["wasm", "ts"], text);
}

/**
 * Reads `--chunk-size`.
 *
 * @param text What stands behind `--chunk-size=`.
 * @returns Bytes, 256 to 256 Mi.
 * @throws {UsageError} If it is no such size.
 */
export function parseChunkSize(text = "8M"): number {
  const match = /^(\d+)([KkMm]?)$/.exec(text);
  const unit = match?.[2].toUpperCase();
  const bytes = Number(match?.[1]) * (unit === "M" ? 2 ** 20 : unit === "K" ? 2 ** 10 : 1);
  if (bytes >= LEAST_CHUNK && bytes <= MOST_CHUNK) return bytes;
  throw new UsageError(`--chunk-size=${text}: give a number of bytes from ${LEAST_CHUNK} to 256M`);
}
