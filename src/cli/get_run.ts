import type { KeyedRecord, RecordLookup } from "../dataset/record_lookup.ts";
import { UnrecError } from "../errors.ts";
import { LAST_KEY } from "../recordio/float32_keys.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { findDatasets } from "../source/find.ts";
import { quoted } from "./command_line.ts";
import type { GetGiven } from "./get.ts";
import { ImageOutput } from "./image_output.ts";
import { sayTraffic } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs `unrec get`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things, and images go.
 * @param words Keys.
 * @returns The exit code.
 * @throws {UsageError} If a word is no key, or the images cannot go where they are to.
 * @throws {UnrecError} If one cannot be read or written.
 */
export async function runGet(given: GetGiven, terminal: Terminal, words: readonly string[]): Promise<number> {
  const { include, label, output } = given;
  const keys = [...new Set(words.map(keyOf))];
  if ((label === undefined) === (keys.length === 0)) {
    throw new UsageError(`unrec get: give ${label === undefined ? "KEY or" : "either KEY or"} --label=L`);
  }
  if (output === undefined && keys.length > 1) {
    throw new UsageError(`${keys.length} images in a row are no image: give a folder for them, --output=DIR`);
  }
  if (output === undefined && terminal.isOutSeen) {
    throw new UsageError("an image is nothing for a terminal: give --output=FILE, or pipe it to another program");
  }
  const notice = (message: string) => terminal.say(message);
  const places = await findDatasets(include, notice, urlAccess(include, given.header));
  if (places.length > 1) {
    throw new UsageError(`images are taken out of one dataset, and --include names ${places.length}; give one of them`);
  }
  const [place] = places;
  try {
    if (label !== undefined) return await (await import("./get_label.ts")).getLabel(place, label, given, terminal);
    await getKeys(place, keys, given, terminal);
    return 0;
  } finally {
    sayTraffic(places, terminal);
  }
}

function keyOf(word: string): number {
  const key = Number(word);
  if (/^\d+$/.test(word) && key <= LAST_KEY) return key;
  throw new UsageError(
    `${quoted(word)} is no key: give a whole number from 0 to ${LAST_KEY}, and the dataset with --include=DIR`,
  );
}

/** Writes the images of keys. */
async function getKeys(place: DatasetPlace, keys: number[], given: GetGiven, terminal: Terminal): Promise<void> {
  using lookup = await place.openLookup(given.engine);
  // With a key that is not there nothing is written.
  if (keys.length > 1) { for (const key of keys) if (!await lookup.has(key)) throw await missing(lookup, key); }
  const [first] = keys;
  const image = await imageOf(lookup, first);
  const to = new ImageOutput(given, keys.length > 1, place, terminal);
  to.put(image);
  for (const key of keys.slice(1)) to.put(await imageOf(lookup, key));
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
