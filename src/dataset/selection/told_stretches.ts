import type { Dataset } from "../dataset.ts";
import type { OnError } from "../layout.ts";
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
  const told: Told = { places: [], labels: [] };
  let left: Place[] = await readFrom(dataset, tellingImages(layout, index), 0, told, onError);
  if (left.length === 0) return byNumber(told, dataset);
  while (left.length > 0) {
    const next: Place[] = [];
    for (const { place, images } of left) {
      const image = { row: layout.order.at(place), images };
      next.push(...await readFrom(dataset, [image], place, told, onError));
    }
    left = next;
  }
  const { places, labels } = told;
  const order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  return byNumber({ places: order.map((i) => places[i]), labels: order.map((i) => labels[i]) }, dataset);
}

/** What was read. There are half a million of them, so they are columns. */
interface Told {
  /** The place of each image in the reading order. */
  places: number[];
  /** Its label, and that of the images after it up to the next one; NaN if it cannot be read. */
  labels: number[];
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
  told: Told,
  onError: OnError,
): Promise<Place[]> {
  const left: Place[] = [];
  let place = first;
  await readToldLabels(dataset, images, {
    told(label, image) {
      told.places.push(place);
      told.labels.push(Math.trunc(label));
      place += image.images;
    },
    ...onError === "stop" ? {} : {
      lost(_, image) {
        told.places.push(place);
        told.labels.push(NaN);
        if (image.images > 1) left.push({ place: place + 1, images: image.images - 1 });
        place += image.images;
      },
    },
  });
  return left;
}

/**
 * Where an identity record begins with keys that the index lacks, its first stretch begins with these. Of one of which
 * the index has none, nobody knows the label.
 */
function byNumber({ places, labels }: Told, { layout }: Dataset): LabelStretches {
  const { numbers, identityNumbers, images } = layout;
  const starts: number[] = [];
  const found: number[] = [];
  let identity = -1;
  const begin = (start: number, label: number) => {
    starts.push(start);
    found.push(label);
  };
  /** Goes to the next identity record that has images up to a number; those passed over have none in the index. */
  const goTo = (number: number) => {
    while (identity + 1 < identityNumbers.length - 1 && identityNumbers[identity + 2] <= number) {
      identity++;
      if (identityNumbers[identity] < identityNumbers[identity + 1]) begin(identityNumbers[identity], NaN);
    }
  };
  for (const [i, place] of places.entries()) {
    const number = numbers?.at(place) ?? place;
    if (identity >= 0 && number < identityNumbers[identity + 1]) {
      begin(number, labels[i]);
      continue;
    }
    goTo(number);
    begin(identityNumbers[++identity], labels[i]);
  }
  goTo(images);
  starts.push(images);
  return { starts: Float64Array.from(starts), labels: Float64Array.from(found) };
}
