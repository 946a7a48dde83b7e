/** Identity layouts with keys as large as one likes, for tests of what float32 rounds. */
import { createHash } from "node:crypto";
import type { TestRecord } from "./write_dataset.ts";

/** How a set is made. */
export interface HighKeys {
  /** The key of the first image. */
  start: number;
  /** How many images each identity has. */
  sizes: number[];
  /** Whether images have a scalar label, or a vector. */
  scalar?: boolean;
  /** Where record 0 stands. */
  record0?: "first" | "last";
}

/** A set, as its writer meant it: keys are exact here, and rounded when they are written as labels. */
export interface HighKeySet {
  /** The identity records' keys: the first one, and the one after the last. */
  keys: [number, number];
  /** Record 0. */
  record0: TestRecord;
  /** The images, in the order of their keys. */
  images: TestRecord[];
  /** The identity records. */
  identities: TestRecord[];
  /** All of them, in the order of the file. */
  records: TestRecord[];
}

/** Makes a set in which identity n has the label n. */
export function highKeySet({ start, sizes, scalar = false, record0: place = "first" }: HighKeys): HighKeySet {
  const images: TestRecord[] = [];
  const ranges = sizes.map((size, label): [number, number] => {
    const from = start + images.length;
    for (let i = 0; i < size; i++) {
      images.push({ key: from + i, label: scalar ? label : [label, 1], image: jpeg(from + i) });
    }
    return [from, from + size];
  });
  const first = start + images.length;
  const identities = ranges.map((label, i): TestRecord => ({ key: first + i, label, image: new Uint8Array() }));
  const keys: [number, number] = [first, first + identities.length];
  const record0: TestRecord = { key: 0, label: keys, image: new Uint8Array() };
  const records = place === "first" ? [record0, ...images, ...identities] : [...images, ...identities, record0];
  return { keys, record0, images, identities, records };
}

/** The tree of images in reading order, in the form of `sha256sum`, sorted by path. */
export function treeOfImages(images: readonly TestRecord[]): string[] {
  const lines = images.map(({ label, image }, number) => {
    const name = typeof label === "number" ? label : label[0];
    return `${createHash("sha256").update(image).digest("hex")}  id_${name}/${name}_${number}.jpg`;
  });
  return lines.sort((a, b) => a.slice(66) < b.slice(66) ? -1 : 1);
}

/** Bytes that begin and end as JPEG does, of every key others. */
function jpeg(key: number): Uint8Array {
  return Uint8Array.from([0xff, 0xd8, 0xff, key & 255, key >>> 8 & 255, key >>> 16 & 255, key >>> 24, 0xff, 0xd9]);
}
