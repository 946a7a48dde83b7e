import { Archive } from "../archive/archive.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { DecodeOptions } from "./decode.ts";

/**
 * What a run's tree and its tasks depend on: a name, as messages give it, and a value each. Paths are no part of it, so
 * a dataset may be moved.
 */
export type Fingerprint = Record<string, string | number | boolean>;

/** To be raised whenever tasks are cut in another way, or the journal's lines get another form. */
const JOURNAL_VERSION = 1;

/** Says when a file is another one than before. */
const UNKNOWN = "unknown";

/**
 * Takes the fingerprint of a run.
 *
 * @param sources What is decoded, in order.
 * @param options Those that change the tree.
 */
export function fingerprintOf(
  sources: readonly (Dataset | Archive)[],
  { relabel = false, onError = "stop" }: Pick<DecodeOptions, "relabel" | "onError">,
): Fingerprint {
  const plan: Fingerprint = {
    "the journal's version": JOURNAL_VERSION,
    "--relabel": relabel,
    "--on-error": onError,
    "the number of datasets": sources.length,
  };
  sources.forEach((source, i) => {
    const files = source instanceof Archive
      ? source.parts.map((part, k) => [part, `part ${k + 1} of dataset ${i + 1}`])
      : [[source.path, `the records of dataset ${i + 1}`], [indexOf(source), `the index of dataset ${i + 1}`]];
    plan[`the kind of dataset ${i + 1}`] = source instanceof Archive ? `archive in ${files.length} parts` : "files";
    for (const [path, name] of files) {
      const { size, time } = sizeAndTime(path);
      plan[`the size of ${name}`] = size;
      plan[`the time of ${name}`] = time;
    }
  });
  // The borders of the tasks follow from it.
  plan["--chunk-size"] = sources[0]?.chunkBytes ?? 0;
  return plan;
}

/**
 * Compares fingerprints.
 *
 * @param before That of the run that is to go on.
 * @param now That of the run that wants to.
 * @returns The first difference, in words; undefined if there is none.
 */
export function differenceOf(before: Fingerprint, now: Fingerprint): string | undefined {
  for (const name of Object.keys({ ...now, ...before })) {
    if (before[name] !== now[name]) return `${name} was ${before[name] ?? UNKNOWN} and is ${now[name] ?? UNKNOWN}`;
  }
  return undefined;
}

function indexOf({ path }: Dataset): string {
  return `${path.slice(0, -".rec".length)}.idx`;
}

function sizeAndTime(path: string): { size: number | string; time: string } {
  try {
    const { isFile, size, mtime } = Deno.statSync(path);
    if (isFile) return { size, time: mtime?.toISOString() ?? UNKNOWN };
  } catch {
    // The standard input has no name, and what cannot be looked at will not be read either.
  }
  return { size: UNKNOWN, time: UNKNOWN };
}
