import type { Reading } from "../bytes/reading.ts";
import { UnrecError } from "../errors.ts";
import { LAST_KEY } from "../recordio/float32_keys.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import {
  type HeaderReader,
  type KeyRange,
  looksLikeRange,
  type OnError,
  readHeader,
  type RecordHeader,
} from "./record_header.ts";

/**
 * Looks for identity records where no record 0 names any: taken for images they would become empty files. They have the
 * highest keys, so the last one tells. An index of running numbers gives the last key to record 0, if that is last in the
 * file.
 *
 * @param path The record file's name, for messages.
 * @param index Its index.
 * @param record0 What record 0 is instead; undefined if it is missing, or cannot be read and that is no error.
 * @param read Reads headers.
 * @param onError Whether a record 0 that is missing is an error, or guessed.
 * @returns The keys of the identity records as record 0 would name them; undefined if there are none.
 * @throws {UnrecError} If there are some, and they are not to be guessed.
 */
export function* findUnnamedIdentities(
  path: string,
  index: DatasetIndex,
  record0: RecordHeader | undefined,
  read: HeaderReader,
  onError: OnError,
): Reading<KeyRange | undefined> {
  const last = index.keyUpTo(LAST_KEY);
  const header = yield* readHeader(read, index.rowOf(last), "skip");
  if (header === undefined || !looksLikeRange(header)) return undefined;
  // An image without bytes can look so by chance, two at the end of a set hardly. A single identity record ends at itself.
  const before = index.keyUpTo(last - 1);
  if (header.range[1] !== Math.fround(last) && (before < 1 || !(yield* isRange(index, before, read)))) return undefined;
  if (record0 !== undefined) {
    throw new UnrecError(
      `Cannot trust the index of ${path}: it gives key 0 to an image, and the last key, ${last}, to an identity record ` +
        "or to record 0, which names these and should have key 0",
      { kind: "rebuild-index", path },
    );
  }
  if (onError === "stop") {
    throw new UnrecError(
      `Cannot read the identities of ${path}: key ${last}, the last one, is an identity record, and there is no record ` +
        "0, which names these",
      { kind: "rebuild-index", path },
      { kind: "skip-damage" },
    );
  }
  const first = yield* firstIdentity(index, last, read);
  // Where the last range does not end at the first identity record, there were more of them after the last one.
  const end = header.range[1] === Math.fround(first) ? last + 1 : last + 2;
  return [Math.fround(first), Math.fround(end)];
}

/** The key from which on all are identity records: below it are images. */
function* firstIdentity(index: DatasetIndex, last: number, read: HeaderReader): Reading<number> {
  let low = 1;
  let high = last;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    let key = index.keyFrom(middle);
    let found: boolean | undefined;
    while (key < high && (found = yield* isRange(index, key, read)) === undefined) key = index.keyFrom(key + 1);
    if (found === false) low = key + 1;
    else high = middle;
  }
  return index.keyFrom(high);
}

/** Whether a key's record looks like an identity record; undefined if it cannot be read. */
function* isRange(index: DatasetIndex, key: number, read: HeaderReader): Reading<boolean | undefined> {
  const header = yield* readHeader(read, index.rowOf(key), "skip");
  return header && looksLikeRange(header);
}
