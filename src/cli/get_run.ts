import { join } from "node:path";
import { LAST_KEY } from "../recordio/float32_keys.ts";
import type { KeyedRecord, RecordLookup } from "../dataset/record_lookup.ts";
import { UnrecError } from "../errors.ts";
import { payloadKind } from "../recordio/payload_kind.ts";
import { isThere, writeImage } from "../sink/image_file.ts";
import { makeOutput } from "../sink/output_folder.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { findDatasets } from "../source/find.ts";
import { isFolder } from "../source/in_folder.ts";
import { overlapOf } from "./check_apart.ts";
import { quoted } from "./command_line.ts";
import type { GetGiven } from "./get.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs `unrec get`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things, and images go.
 * @param words Keys.
 * @returns The exit code.
 * @throws {UsageError} If a word is no key, or the images do not go where they are to.
 * @throws {UnrecError} If one cannot be read or written.
 */
export async function runGet(given: GetGiven, terminal: Terminal, words: readonly string[]): Promise<number> {
  const { include, output, engine, overwrite } = given;
  const keys = [...new Set(words.map(keyOf))];
  if (output === undefined) requireOneReader(keys, terminal);
  const places = await findDatasets(include, (message) => terminal.say(message));
  if (places.length > 1) {
    throw new UsageError(`keys are those of one dataset, and --include names ${places.length}; give one of them`);
  }
  const [place] = places;
  using lookup = await place.openLookup(engine);
  // Nothing is written of what cannot be written whole.
  if (keys.length > 1) { for (const key of keys) await requireKey(lookup, key); }
  const pathOf = output === undefined ? undefined : pathsIn(output, keys.length > 1, place);
  for (const key of keys) {
    const record = await imageOf(lookup, key);
    if (pathOf === undefined) {
      terminal.write(record.bytes);
      continue;
    }
    const path = pathOf(record);
    if (!overwrite && isThere(path)) {
      const again = terminal.commandLine.again({ add: "--overwrite" });
      throw new UnrecError(`Cannot write ${path}: it is there`, { kind: "text", text: `write over it with: ${again}` });
    }
    writeImage(path, record.bytes);
    if (terminal.print(printable(path)) !== 0) return 1;
  }
  return 0;
}

function keyOf(word: string): number {
  const key = Number(word);
  if (/^\d+$/.test(word) && key <= LAST_KEY) return key;
  throw new UsageError(
    `${quoted(word)} is no key: give a whole number from 0 to ${LAST_KEY}, and the dataset with --include=DIR`,
  );
}

/** Makes sure that the standard output can take the images. */
function requireOneReader(keys: readonly number[], terminal: Terminal): void {
  if (keys.length > 1) {
    throw new UsageError(
      `${keys.length} images one after the other are no image: give a folder for them, --output=DIR`,
    );
  }
  if (terminal.isOutSeen) {
    throw new UsageError("an image is nothing for a terminal: give --output=FILE, or pipe it to another program");
  }
}

/**
 * Where images are written to.
 *
 * @param output A file or a folder.
 * @param several Whether there are several images.
 * @param place The dataset.
 * @returns Tells the path of an image's file.
 * @throws {UsageError} If the output is a file of the dataset.
 */
function pathsIn(output: string, several: boolean, place: DatasetPlace): (record: KeyedRecord) => string {
  if (!several && !isFolder(output) && !/[\\/]$/.test(output)) {
    if ([place.path, place.index].some((path) => overlapOf(output, path) === "same")) {
      throw new UsageError(`--output=${output} is a file of the dataset; give another one`);
    }
    return () => output;
  }
  makeOutput(output);
  return ({ key, bytes }) => join(output, `${key}.${payloadKind(bytes).extension}`);
}

async function requireKey(lookup: RecordLookup, key: number): Promise<void> {
  if (!await lookup.has(key)) throw await missing(lookup, key);
}

async function imageOf(lookup: RecordLookup, key: number): Promise<KeyedRecord> {
  const record = await lookup.get(key);
  if (record === undefined) throw await missing(lookup, key);
  if (record.bytes.length > 0) return record;
  const { labels } = record;
  const names = labels.length === 2 ? `: it names the keys from ${labels[0]} up to, but without, ${labels[1]}` : "";
  throw new UnrecError(`Cannot get the image of key ${key} of ${lookup.path}: its record has no image${names}`);
}

async function missing(lookup: RecordLookup, key: number): Promise<UnrecError> {
  const [first, last] = await lookup.keyBounds();
  return new UnrecError(
    `Cannot get the image of key ${key} of ${lookup.path}: its index does not have that key; it has keys from ` +
      `${first} to ${last}`,
  );
}
