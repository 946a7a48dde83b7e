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
 * @param isChosen Whether the image of a number was chosen; undefined if all were.
 * @returns The ranges, made when they are asked for.
 */
export function* cutRanges(
  bytes: number,
  rangeBytes: number,
  images: Generator<ReadTask> | undefined,
  isChosen?: (number: number) => boolean,
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
    const keys: number[] = [];
    const identities: number[] = [];
    const labels: number[] = [];
    const indices: number[] = [];
    const chosen: number[] = [];
    for (; !image!.done && image!.value.offset < end; image = stream.next()) {
      offsets.push(image!.value.offset - start);
      numbers.push(image!.value.number);
      keys.push(image!.value.key);
      if (image!.value.identity !== undefined) identities.push(image!.value.identity);
      if (image!.value.label !== undefined) labels.push(image!.value.label);
      if (image!.value.index !== undefined) indices.push(image!.value.index);
      if (isChosen !== undefined) chosen.push(isChosen(image!.value.number) ? 1 : 0);
    }
    const own: TaskImages = {
      offsets: Uint32Array.from(offsets),
      numbers: Float64Array.from(numbers),
      keys: Float64Array.from(keys),
    };
    if (identities.length > 0) own.identities = Float64Array.from(identities);
    if (labels.length > 0) own.listedLabels = Float64Array.from(labels);
    if (indices.length > 0) own.indices = Float64Array.from(indices);
    if (isChosen !== undefined) own.chosen = Uint8Array.from(chosen);
    yield { number, start, end, images: own };
  }
}

/**
 * An image of a file: where it begins, its place in reading order, its key, the key of the identity record that names it,
 * if one does, its label, if a list tells that, and its place among the images of its label, if somebody asked for it.
 */
interface ImageAt {
  offset: number;
  number: number;
  key: number;
  identity: number | undefined;
  label: number | undefined;
  index: number | undefined;
}

function* imageStream(tasks: Generator<ReadTask>): Generator<ImageAt, undefined> {
  for (const { start, offsets, numbers, keys, identities, listedLabels, indices } of tasks) {
    for (let i = 0; i < offsets.length; i++) {
      yield {
        offset: start + offsets[i],
        number: numberAt(numbers, i),
        key: numberAt(keys, i),
        identity: identities && numberAt(identities, i),
        label: listedLabels?.[i],
        index: indices && numberAt(indices, i),
      };
    }
  }
}
