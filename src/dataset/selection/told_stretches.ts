import type { Dataset } from "../dataset.ts";
import type { OnError } from "../layout.ts";
import { lastAtMost } from "../runs.ts";
import { readToldLabels, type TellingImage, tellingImages } from "../told_labels.ts";
import type { LabelStretches } from "./choice.ts";

/**
 * Reads the labels of a dataset with identity records: a few bytes for each of these.
 *
 * @param dataset The dataset, of which nothing was chosen yet.
 * @param onError Whether an image that cannot be read is an error; if not, the next one of its identity record tells.
 * @returns The labels; NaN for images that cannot be read.
 * @throws {UnrecError} At an image that cannot be read.
 */
export async function readToldStretches(dataset: Dataset, onError: OnError): Promise<LabelStretches> {
  const { layout, index } = dataset;
  const told: Told[] = [];
  let left: Place[] = await readFrom(dataset, tellingImages(layout, index), 0, told, onError);
  while (left.length > 0) {
    const next: Place[] = [];
    for (const { place, images } of left) {
      const image = { row: layout.order.at(place), images };
      next.push(...await readFrom(dataset, [image], place, told, onError));
    }
    left = next;
  }
  told.sort((a, b) => a.place - b.place);
  return byNumber(told, dataset);
}

/** What was read. */
interface Told {
  /** The place of the image in the reading order. */
  place: number;
  /** Its label, and that of the images after it up to the next one; NaN if it cannot be read. */
  label: number;
}

/** Images after one that could not be read. */
interface Place {
  /** The place of the first one in the reading order. */
  place: number;
  /** How many. */
  images: number;
}

/** Reads labels of images that follow each other from a place on. Returns the images that one did not tell of. */
async function readFrom(
  dataset: Dataset,
  images: Iterable<TellingImage>,
  first: number,
  told: Told[],
  onError: OnError,
): Promise<Place[]> {
  const left: Place[] = [];
  let place = first;
  await readToldLabels(dataset, images, {
    told(label, image) {
      told.push({ place, label: Math.trunc(label) });
      place += image.images;
    },
    ...onError === "stop" ? {} : {
      lost(_, image) {
        told.push({ place, label: NaN });
        if (image.images > 1) left.push({ place: place + 1, images: image.images - 1 });
        place += image.images;
      },
    },
  });
  return left;
}

/** Where an identity record begins with keys that the index lacks, its first stretch begins with these. */
function byNumber(told: readonly Told[], { layout }: Dataset): LabelStretches {
  const { numbers, identityNumbers, images } = layout;
  const starts = new Float64Array(told.length + 1);
  const labels = Float64Array.from(told, ({ label }) => label);
  let before = -1;
  for (const [i, { place }] of told.entries()) {
    const number = numbers?.at(place) ?? place;
    const identity = lastAtMost(identityNumbers.length - 1, number, (i) => identityNumbers[i]);
    starts[i] = i === 0 ? 0 : identity === before ? number : identityNumbers[identity];
    before = identity;
  }
  starts[told.length] = images;
  return { starts, labels };
}
