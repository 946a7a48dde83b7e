/** A dataset of the size of Glint360K whose `train.rec` is sparse: of its 137 GB only what is looked at is there. */
import { SAMPLE_IMAGES } from "../src/info/dataset_info.ts";
import { spreadPlaces } from "../src/dataset/spread.ts";
import { encodeRecord } from "../tests/write_dataset.ts";
import { IDENTITY_RECORD_BYTES, IDENTITY_RECORDS, IMAGES, INDEX_LINES, recordOffsets } from "./glint360k.ts";
import { IndexText } from "./index_text.ts";

/** How many different labels the images have. */
export const LABELS = 360_232;

/** A JPEG of 112 x 112 pixels up to where its tables would come: no more of it is looked at. */
const JPEG_HEAD = Uint8Array.of(
  0xff,
  0xd8,
  0xff,
  0xc0,
  0,
  17,
  8,
  0,
  112,
  0,
  112,
  3,
  1,
  0x22,
  0,
  2,
  0x11,
  1,
  3,
  0x11,
  1,
);

/** Above this key float32 rounds, so images on both sides of a boundary are asked for their labels. */
const FIRST_ROUNDED = 2 ** 24;

/**
 * Writes a dataset of the size of Glint360K with nothing where its images would be. Ranges of keys above 2^24 are rounded
 * to what a float32 holds, at the end of one identity as at the beginning of the next, as in the real one.
 *
 * @param directory Where; it is made.
 * @param withImages Whether the first bytes are there of the images that `unrec info` looks at: 2 GB of disk then.
 */
export function writeSparseDataset(directory: string, withImages = false): void {
  Deno.mkdirSync(directory);
  const offsets = recordOffsets();
  const text = new IndexText(INDEX_LINES);
  for (let key = 0; key < INDEX_LINES; key++) text.append(key, offsets[key]);
  Deno.writeFileSync(`${directory}/train.idx`, text.bytes);

  const image = new Uint8Array();
  const firstIdentity = IMAGES + 1;
  const identityRecords = new Uint8Array(IDENTITY_RECORDS * IDENTITY_RECORD_BYTES);
  for (let i = 0; i < IDENTITY_RECORDS; i++) {
    const record = { key: firstIdentity + i, label: [begin(i), begin(i + 1)], image };
    identityRecords.set(encodeRecord(record), i * IDENTITY_RECORD_BYTES);
  }
  const record0 = { key: 0, label: [firstIdentity, firstIdentity + IDENTITY_RECORDS], image };
  using file = Deno.openSync(`${directory}/train.rec`, { write: true, create: true });
  file.truncateSync(offsets[INDEX_LINES]);
  writeAt(file, 0, encodeRecord(record0));
  writeAt(file, offsets[firstIdentity], identityRecords);
  if (withImages) writeHeads(file, keysLookedAt(), offsets);
}

/**
 * Adds the first bytes of images to a dataset that {@linkcode writeSparseDataset} wrote, a page of memory each.
 *
 * @param directory Where the dataset is.
 * @param keys The images.
 */
export function addImages(directory: string, keys: Iterable<number>): void {
  using file = Deno.openSync(`${directory}/train.rec`, { write: true });
  writeHeads(file, keys, recordOffsets());
}

function writeHeads(file: Deno.FsFile, keys: Iterable<number>, offsets: Float64Array): void {
  for (const key of keys) {
    const head = encodeRecord({ key, label: [labelOf(identityOf(key)), 0], image: JPEG_HEAD });
    new DataView(head.buffer).setUint32(4, offsets[key + 1] - offsets[key] - 8, true);
    writeAt(file, offsets[key], head);
  }
}

/** The key of the first image of an identity record. */
function begin(identity: number): number {
  return 1 + Math.floor(identity * IMAGES / IDENTITY_RECORDS);
}

function identityOf(key: number): number {
  const about = Math.floor((key - 1) * IDENTITY_RECORDS / IMAGES);
  return begin(about + 1) <= key ? about + 1 : about;
}

/** The identity records past those of all labels have labels that others have too, far away. */
function labelOf(identity: number): number {
  return identity < LABELS ? identity : identity * 7919 % LABELS;
}

/** The images that `unrec info` looks at, some twice. */
function* keysLookedAt(): Generator<number> {
  for (const place of spreadPlaces(IMAGES, SAMPLE_IMAGES)) yield 1 + place;
  for (let identity = 0; identity < IDENTITY_RECORDS; identity++) {
    const first = begin(identity);
    yield first;
    if (first < FIRST_ROUNDED) continue;
    for (let key = first - 2; key <= Math.min(IMAGES, first + 2); key++) yield key;
  }
}

function writeAt(file: Deno.FsFile, offset: number, bytes: Uint8Array): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
