import { UnrecError } from "../errors.ts";
import { PickledBytes } from "./literal.ts";
import { isRow, wholeNumbers } from "./numpy.ts";
import { readPickle } from "./read_pickle.ts";
import { type ArrayContent, NumpyArray, Sequence, type Value } from "./values.ts";

/** An image of a verification set. An image that is used in several places is one object. */
export interface VerificationImage {
  /** Byte of the file where it begins, with the opcode of its pickle. */
  readonly offset: number;
  /**
   * Its bytes: a view of the file's. Python 2, and Python 3 for Python 2, may spell them as text; then they are what that
   * was decoded to.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A pair of images. */
export interface VerificationPair {
  /** Its place in the set, from 0. */
  number: number;
  /** Whether both images are of the same person. */
  same: boolean;
  /** The images. */
  images: readonly [VerificationImage, VerificationImage];
}

/** What is known of a verification set. */
export interface VerificationFacts {
  /** What messages call the file. */
  name: string;
  /** Bytes of the file. */
  size: number;
  /** The protocol of its pickle, 0 to 5. */
  protocol: number;
  /** Bytes after the pickle, which are not read. */
  trailingBytes: number;
}

/** A verification set, such as `lfw.bin`: pairs of images, in the order of the file. */
export class VerificationSet implements Iterable<VerificationPair> {
  /** What is known of it. */
  readonly facts: Readonly<VerificationFacts>;
  readonly #images: readonly VerificationImage[];
  readonly #same: readonly boolean[];

  /**
   * Puts a set together.
   *
   * @param facts What is known of it.
   * @param images Two images for each pair.
   * @param same Whether they are of the same person, for each pair.
   */
  constructor(facts: VerificationFacts, images: readonly VerificationImage[], same: readonly boolean[]) {
    this.facts = facts;
    this.#images = images;
    this.#same = same;
  }

  /** How many pairs there are. */
  get length(): number {
    return this.#same.length;
  }

  /** All pairs. */
  *[Symbol.iterator](): Generator<VerificationPair> {
    for (const [number, same] of this.#same.entries()) {
      yield { number, same, images: [this.#images[2 * number], this.#images[2 * number + 1]] };
    }
  }
}

/**
 * Reads a verification set: a pickle of images, and of whether each two of them are the same person. It is data: what it
 * names is never looked up or run.
 *
 * @example
 * ```ts
 * import { readVerificationSet } from "@unrec/unrec";
 *
 * const path = "tests/data/pairs/pairs_p3.bin";
 * const set = readVerificationSet(await Deno.readFile(path), path);
 *
 * let same = 0;
 * for (const pair of set) if (pair.same) same++;
 * console.log(same, "of", set.length, "pairs are the same person"); // 6 of 12 pairs are the same person
 * ```
 *
 * @param bytes All bytes of the file. They are not copied, and must not be changed as long as the set is used.
 * @param name What messages call the file.
 * @throws {UnrecError} If it is no such set, or cut, or damaged.
 */
export function readVerificationSet(bytes: Uint8Array<ArrayBuffer>, name: string): VerificationSet {
  const { value, protocol, trailingBytes } = readPickle(bytes, name);
  const refuse = (why: string) => new UnrecError(`Cannot read ${name}: ${why}`);
  if (!(value instanceof Sequence && value.items.length === 2)) {
    throw refuse(`it is a pickle of ${describe(value)}, and a verification set is one of a pair: images and truths`);
  }
  const [images, same] = value.items;
  if (!(images instanceof Sequence)) throw refuse(`its images are ${describe(images)}, and not a list of images`);
  // Before anything is made of them: an array may have as many items as the file has bytes.
  const pairs = truthCount(same);
  if (pairs !== undefined && images.items.length !== 2 * pairs) {
    const counted = `${pairs} ${pairs === 1 ? "pair" : "pairs"}`;
    throw refuse(`it has ${images.items.length} images for ${counted}, and each pair needs two`);
  }
  if (pairs === 0) throw refuse("it has no pairs");
  const truths = truthsOf(same);
  if (truths === undefined) {
    throw refuse(`whether pairs are the same is told by ${describe(same)}, and not by a list of True and False`);
  }
  return new VerificationSet(
    { name, size: bytes.length, protocol, trailingBytes },
    images.items.map((image, i) => {
      const bytes = bytesOf(image);
      if (bytes !== undefined) return bytes;
      throw refuse(`its image ${i} is ${describe(image)}, and not the bytes of an image file`);
    }),
    truths.map((truth, i) => {
      if (truth === true || truth === 1) return true;
      if (truth === false || truth === 0) return false;
      throw refuse(`whether the images of pair ${i} are the same is told by ${describe(truth)}, not by True or False`);
    }),
  );
}

/** The content of an array in one row; undefined if a value is something else. */
function rowOf(value: Value): ArrayContent | undefined {
  const content = value instanceof NumpyArray ? value.content : undefined;
  return content !== undefined && isRow(content) ? content : undefined;
}

/** How many truths there are; undefined if a value is no list of them. */
function truthCount(value: Value): number | undefined {
  if (value instanceof Sequence) return value.items.length;
  const row = rowOf(value);
  return row === undefined ? undefined : row.data.bytes.length / row.dtype.itemBytes;
}

/** The truths of what has them; undefined if they are fractions. */
function truthsOf(value: Value): readonly Value[] | undefined {
  if (value instanceof Sequence) return value.items;
  const row = rowOf(value);
  return row === undefined ? undefined : wholeNumbers(row);
}

/** The bytes of an encoded image; undefined if it is something else. */
function bytesOf(image: Value): PickledBytes | undefined {
  if (image instanceof PickledBytes) return image;
  const row = rowOf(image);
  return row?.dtype.code === "u1" ? row.data : undefined;
}

/** What a value is, in words of Python. */
function describe(value: Value): string {
  if (value instanceof Sequence) return `a ${value.kind} of ${value.items.length}`;
  if (value instanceof PickledBytes) return "bytes";
  if (value instanceof NumpyArray) {
    const { content } = value;
    return content === undefined
      ? "an empty NumPy array"
      : `a NumPy array of the type ${content.dtype.code} and the shape (${content.shape.join(", ")})`;
  }
  switch (typeof value) {
    case "number":
      return `the number ${value}`;
    case "boolean":
      return value ? "True" : "False";
    default:
      return value === null ? "None" : "text or a name";
  }
}
