/** Writes RecordIO datasets for tests and benchmarks. Independent of the code under test: it has its own constants. */
import { join } from "node:path";

/** A record as `face2rec2.py` makes it. */
export interface TestRecord {
  /** Its key in `train.idx`. */
  key: number;
  /** A scalar label (flag 0), or a label vector (flag = its length). */
  label: number | number[];
  /** The image; empty in identity records. */
  image: Uint8Array;
}

const MAGIC = 0xced7230a;

/**
 * Encodes a record: IRHeader, labels and image in one frame, or in several where they hold an aligned magic word.
 *
 * @param record What to encode; its key becomes the header's id.
 * @returns The frames, a multiple of 4 bytes.
 */
export function encodeRecord({ key, label, image }: TestRecord): Uint8Array<ArrayBuffer> {
  const labels = typeof label === "number" ? [] : label;
  const payload = new Uint8Array(24 + 4 * labels.length + image.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, labels.length, true);
  view.setFloat32(4, typeof label === "number" ? label : 0, true);
  view.setBigUint64(8, BigInt(key), true);
  labels.forEach((value, i) => view.setFloat32(24 + 4 * i, value, true));
  payload.set(image, 24 + 4 * labels.length);
  return encodeFrames(payload);
}

/**
 * Frames a payload as dmlc-core's `RecordIOWriter::WriteRecord` does.
 *
 * @param payload Fewer than 2^29 bytes.
 */
export function encodeFrames(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const cuts: number[] = [];
  for (let at = 0; at + 4 <= payload.length; at += 4) if (view.getUint32(at, true) === MAGIC) cuts.push(at);
  const begins = [0, ...cuts.map((cut) => cut + 4)];
  const ends = [...cuts, payload.length];
  const bytes = begins.reduce((sum, begin, i) => sum + 8 + ((ends[i] - begin + 3) & ~3), 0);
  const frames = new Uint8Array(bytes);
  const out = new DataView(frames.buffer);
  let at = 0;
  begins.forEach((begin, i) => {
    const cflag = cuts.length === 0 ? 0 : i === 0 ? 1 : i === cuts.length ? 3 : 2;
    const length = ends[i] - begin;
    out.setUint32(at, MAGIC, true);
    out.setUint32(at + 4, (cflag << 29 | length) >>> 0, true);
    frames.set(payload.subarray(begin, ends[i]), at + 8);
    at += 8 + ((length + 3) & ~3);
  });
  return frames;
}

/**
 * Writes `train.rec` and `train.idx` into a folder, which is made if need be.
 *
 * @param folder Where.
 * @param records What, in the order of the file.
 */
export function writeDataset(folder: string, records: Iterable<TestRecord>): void {
  Deno.mkdirSync(folder, { recursive: true });
  using file = Deno.openSync(join(folder, "train.rec"), { write: true, create: true, truncate: true });
  const lines: string[] = [];
  const buffer = new Uint8Array(4 * 2 ** 20);
  let filled = 0;
  let offset = 0;
  const write = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  for (const record of records) {
    const frames = encodeRecord(record);
    lines.push(`${record.key}\t${offset}\n`);
    offset += frames.length;
    if (filled + frames.length > buffer.length) {
      write(buffer.subarray(0, filled));
      filled = 0;
    }
    if (frames.length > buffer.length) write(frames);
    else {
      buffer.set(frames, filled);
      filled += frames.length;
    }
  }
  write(buffer.subarray(0, filled));
  Deno.writeTextFileSync(join(folder, "train.idx"), lines.join(""));
}

/** What {@linkcode faces} makes. */
export interface FacesOptions {
  /** Number of identities. */
  identities: number;
  /** Images of all identities together, shared out evenly. */
  images: number;
  /** Least and greatest bytes of an image. */
  bytes: [number, number];
  /** Where record 0 stands. */
  record0: "first" | "last";
  /** First label; the labels go on from there. */
  firstLabel?: number;
  /** Seed of the image bytes and sizes. */
  seed?: number;
}

/**
 * Makes the records of an identity dataset: images that begin and end as JPEG does, with random bytes between.
 *
 * @param options What to make.
 * @returns The records in the order of the file.
 */
export function* faces(options: FacesOptions): Generator<TestRecord> {
  const { identities, images, bytes: [least, most], record0, firstLabel = 0, seed = 1 } = options;
  const random = seededRandom(seed);
  const pool = noise ??= makeNoise();
  const record: TestRecord = { key: 0, label: [images + 1, images + 1 + identities], image: new Uint8Array() };
  const begin = (identity: number) => 1 + Math.floor(identity * images / identities);

  if (record0 === "first") yield record;
  for (let identity = 0; identity < identities; identity++) {
    for (let key = begin(identity); key < begin(identity + 1); key++) {
      const length = least + Math.floor(random() * (most - least + 1));
      const from = Math.floor(random() * (pool.length - length));
      const image = pool.slice(from, from + length);
      image.set([0xff, 0xd8, 0xff].slice(0, length));
      image.set([0xff, 0xd9].slice(0, length), Math.max(0, length - 2));
      yield { key, label: [firstLabel + identity, 0], image };
    }
  }
  for (let identity = 0; identity < identities; identity++) {
    const label = [begin(identity), begin(identity + 1)];
    yield { key: images + 1 + identity, label, image: new Uint8Array() };
  }
  if (record0 === "last") yield record;
}

/** What images are cut from. It takes longer to make than a small dataset, so it is made once. */
let noise: Uint8Array | undefined;

function makeNoise(): Uint8Array {
  const random = seededRandom(1);
  return new Uint8Array(Uint32Array.from({ length: 2 ** 20 }, () => random() * 2 ** 32).buffer);
}

/**
 * A random generator that gives the same numbers for the same seed (mulberry32).
 *
 * @param seed Any whole number.
 * @returns A function like `Math.random`.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
