import { numberAt, type ReadTask } from "../dataset/plan.ts";
import type { TaskImages } from "./verify_work.ts";

/** A stretch of a file, and the images that should begin in it. */
export interface Range {
  /** Place among the ranges, from 0. */
  number: number;
  /** Its first byte. */
  start: number;
  /** The byte after its last one. */
  end: number;
  /** The images; undefined if they are not known. */
  images: TaskImages | undefined;
}

/**
 * Cuts a file into ranges of equal size.
 *
 * @param bytes Size of the file.
 * @param rangeBytes Size of a range, below 2^32; it is rounded up to a multiple of 4, for there frames begin.
 * @param images The images in the order of the file, if they are known.
 * @returns The ranges, made when they are asked for.
 */
export function* cutRanges(
  bytes: number,
  rangeBytes: number,
  images: Generator<ReadTask> | undefined,
): Generator<Range> {
  const step = Math.ceil(rangeBytes / 4) * 4;
  const stream = images && imageStream(images);
  let image = stream?.next();
  for (let number = 0; number * step < bytes; number++) {
    const start = number * step;
    const end = Math.min(bytes, start + step);
    if (stream === undefined) {
      yield { number, start, end, images: undefined };
      continue;
    }
    const offsets: number[] = [];
    const numbers: number[] = [];
    for (; !image!.done && image!.value.offset < end; image = stream.next()) {
      offsets.push(image!.value.offset - start);
      numbers.push(image!.value.number);
    }
    yield { number, start, end, images: { offsets: Uint32Array.from(offsets), numbers: Float64Array.from(numbers) } };
  }
}

function* imageStream(tasks: Generator<ReadTask>): Generator<{ offset: number; number: number }, undefined> {
  for (const { start, offsets, numbers } of tasks) {
    for (let i = 0; i < offsets.length; i++) yield { offset: start + offsets[i], number: numberAt(numbers, i) };
  }
}
