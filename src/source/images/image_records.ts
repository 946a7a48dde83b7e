import { FileSource } from "../../bytes/file_source.ts";
import type { SyncByteSource } from "../../bytes/reading.ts";
import { lastAtMost } from "../../dataset/runs.ts";
import { UnrecError } from "../../errors.ts";
import { FRAME_HEADER_BYTES, frameBytes, IR_HEADER_BYTES, MAGIC } from "../../recordio/constants.ts";
import type { ReaderSpec } from "../source.ts";
import { imagesOfFolder } from "./folder_images.ts";
import type { FoundImages, ImageFile, ImageGroup, PlacedGroup } from "./image_groups.ts";
import { imagesOfLines } from "./listed_images.ts";

/** What a thread needs to read images that are files. Plain data; the sizes are memory that all threads share. */
export interface ImagesSpec extends ReaderSpec {
  kind: "images";
  /** The folder, or the list. */
  path: string;
  /** Its images, in groups. */
  groups: PlacedGroup[];
  /** Bytes of each image. */
  sizes: Uint32Array<SharedArrayBuffer>;
  /** Bytes of all records. */
  bytes: number;
}

/** Bytes before an image in its record. */
const HEAD_BYTES = FRAME_HEADER_BYTES + IR_HEADER_BYTES;

/**
 * Bytes that the record of an image takes.
 *
 * @param size Bytes of the image.
 */
export function recordBytes(size: number): number {
  return frameBytes(IR_HEADER_BYTES + size);
}

/**
 * The spec of images, with the places where their records begin.
 *
 * @param path The folder, or the list.
 * @param found What is there.
 * @returns The spec, and the offset of each record.
 */
export function placeImages(path: string, { groups, sizes }: FoundImages): {
  spec: ImagesSpec;
  offsets: Float64Array<ArrayBuffer>;
} {
  const offsets = new Float64Array(sizes.length);
  let bytes = 0;
  for (let i = 0; i < sizes.length; i++) {
    offsets[i] = bytes;
    bytes += recordBytes(sizes[i]);
  }
  let first = 0;
  const placed = groups.filter(({ images }) => images > 0).map(({ group, images }) => {
    const one = { group, images, first, offset: offsets[first] };
    first += images;
    return one;
  });
  return { spec: { kind: "images", path, groups: placed, sizes, bytes }, offsets };
}

/** The images of a group, as they are now. */
function imagesOf(group: ImageGroup): ImageFile[] {
  return group.kind === "folder" ? imagesOfFolder(group) : imagesOfLines(group);
}

/**
 * Images that are files, as the record file that they would make: each a record with a scalar label, whose id and key
 * is its number. So whatever reads records reads them too. The bytes are put together when they are asked for.
 */
export class ImageRecords implements SyncByteSource {
  readonly name: string;
  readonly size: number;
  readonly #groups: readonly PlacedGroup[];
  readonly #sizes: Uint32Array<SharedArrayBuffer>;
  /** The group that was read from last, its images, and which of these is next and where its record begins. */
  #group: PlacedGroup | undefined;
  #images: ImageFile[] = [];
  #next = 0;
  #offset = 0;
  /** The image that is open, because not all of it was read. */
  #file: { image: number; source: FileSource } | undefined;
  /** Room for what an image must not have: a byte more than before. */
  readonly #beyond = new Uint8Array(1);
  readonly #head = new Uint8Array(HEAD_BYTES);
  readonly #headView = new DataView(this.#head.buffer);

  /** @param spec What there is. */
  constructor({ path, groups, sizes, bytes }: ImagesSpec) {
    this.name = path;
    this.size = bytes;
    this.#groups = groups;
    this.#sizes = sizes;
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    let read = 0;
    while (read < into.length && offset + read < this.size) {
      this.#goTo(offset + read);
      read += this.#readRecord(offset + read - this.#offset, into.subarray(read));
    }
    return read;
  }

  /** Closes the file that is open, if there is one. */
  [Symbol.dispose](): void {
    this.#file?.source[Symbol.dispose]();
    this.#file = undefined;
  }

  /** Goes to the record that has a byte. Mostly it is the one where the last reading ended, or the next one. */
  #goTo(offset: number): void {
    let group = this.#group;
    if (group === undefined || offset < this.#offset) group = undefined;
    for (;;) {
      if (group === undefined) {
        const groups = this.#groups;
        group = groups[lastAtMost(groups.length, offset, (i) => groups[i].offset)];
        this.#enter(group);
      }
      while (this.#next < group.images) {
        const end = this.#offset + recordBytes(this.#sizes[group.first + this.#next]);
        if (offset < end) return;
        this.#offset = end;
        this.#next++;
      }
      group = undefined;
    }
  }

  #enter(group: PlacedGroup): void {
    this.#group = group;
    this.#images = imagesOf(group.group);
    if (this.#images.length !== group.images) {
      throw this.#changed(`${group.group.path} had ${group.images} images and has ${this.#images.length}`);
    }
    this.#next = 0;
    this.#offset = group.offset;
  }

  /** Reads of the record what is there from a byte of it on. Returns how many bytes, at least one. */
  #readRecord(from: number, into: Uint8Array<ArrayBuffer>): number {
    const image = this.#group!.first + this.#next;
    const size = this.#sizes[image];
    if (from < HEAD_BYTES) {
      const head = this.#headOf(image, size).subarray(from, from + into.length);
      into.set(head);
      return head.length;
    }
    const at = from - HEAD_BYTES;
    if (at < size) return this.#readImage(image, size, at, into);
    const padding = Math.min(into.length, recordBytes(size) - from);
    into.fill(0, 0, padding);
    return padding;
  }

  #headOf(image: number, size: number): Uint8Array<ArrayBuffer> {
    const view = this.#headView;
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, IR_HEADER_BYTES + size, true);
    view.setFloat32(12, this.#images[this.#next].label, true);
    view.setUint32(16, image, true);
    return this.#head;
  }

  /** Reads of an image what there is room for. */
  #readImage(image: number, size: number, from: number, into: Uint8Array<ArrayBuffer>): number {
    const { path } = this.#images[this.#next];
    if (this.#file?.image !== image) {
      this[Symbol.dispose]();
      this.#file = { image, source: new FileSource(path, size) };
    }
    const { source } = this.#file;
    const bytes = Math.min(size - from, into.length);
    // Where there is room, a byte more is asked for: that it is not there is then known without another call.
    const isSure = bytes < into.length;
    const read = source.read(from, into.subarray(0, bytes + 1), bytes);
    const isLast = from + bytes === size;
    if (read !== bytes || isLast && !isSure && source.read(size, this.#beyond) > 0) {
      throw this.#changed(`${path} has another size than ${size} bytes`);
    }
    if (isLast) this[Symbol.dispose]();
    return bytes;
  }

  #changed(what: string): UnrecError {
    return new UnrecError(`Cannot trust what was read of ${this.name}: ${what} now`, {
      kind: "text",
      text: "run the same command again when nothing writes there any more",
    });
  }
}
