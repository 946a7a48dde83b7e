import type { Dataset } from "../dataset/dataset.ts";
import { labelOf, ordinalOf } from "../decode/output_folder.ts";
import { systemReason, UnrecError } from "../errors.ts";
import { imagePath } from "../sink/image_path.ts";
import { grouped } from "./numbers.ts";

/** So many images of each dataset are read and compared with their files. */
const SAMPLES = 32;

/** What a tree holds. */
export interface TreeFigures {
  /** Files. */
  images: number;
  /** Folders. */
  labels: number;
}

/**
 * Looks whether a folder holds the tree of datasets: that there is a file for each number and nothing else, and, for
 * some of them, the first and the last included, that label and size are those of the record. It does not read what the
 * files hold, so it takes about a second for a million of them.
 *
 * @param datasets What the tree would be of.
 * @param output The folder.
 * @param entries Its entries.
 * @param relabel Whether labels are shifted.
 * @returns Its figures; or the first thing that is otherwise, in words.
 */
export function compareTree(
  datasets: readonly Dataset[],
  output: string,
  entries: Deno.DirEntry[],
  relabel: boolean,
): TreeFigures | string {
  const images = datasets.reduce((sum, { layout }) => sum + layout.order.length, 0);
  const labels = new Float64Array(images).fill(NaN);
  const wrong = readTree(output, entries, labels);
  if (wrong !== undefined) return wrong;
  let first = 0;
  let highest = -1;
  for (const dataset of datasets) {
    const end = first + dataset.layout.order.length;
    const wrong = compareSamples(dataset, output, labels.subarray(first, end), first, relabel ? highest + 1 : 0);
    if (wrong !== undefined) return wrong;
    // As in `decode`, nothing but a dataset without images leaves no highest label.
    for (let i = first; i < end; i++) if (i === 0 || labels[i] > highest) highest = labels[i];
    first = end;
  }
  return { images, labels: entries.length };
}

/** Fills in the label of each number. Returns what is wrong with the tree. */
function readTree(output: string, entries: Deno.DirEntry[], labels: Float64Array): string | undefined {
  let images = 0;
  for (const entry of entries) {
    const label = labelOf(entry);
    if (label === undefined) return `${entry.name} is no folder of it`;
    for (const file of readFolder(`${output}/${entry.name}`)) {
      const ordinal = ordinalOf(file, label);
      if (ordinal === undefined || ordinal >= labels.length) return `${entry.name}/${file.name} is not of it`;
      if (!Number.isNaN(labels[ordinal])) return `image ${ordinal} is there twice`;
      labels[ordinal] = Number(label);
      images++;
    }
  }
  if (images === labels.length) return undefined;
  return `it has ${grouped(labels.length)} images, and image ${labels.findIndex(Number.isNaN)} is missing`;
}

function readFolder(path: string): Iterable<Deno.DirEntry> {
  try {
    return Deno.readDirSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot read the folder ${path}: ${systemReason(error)}`);
  }
}

function compareSamples(
  dataset: Dataset,
  output: string,
  labels: Float64Array,
  first: number,
  labelShift: number,
): string | undefined {
  const { index, layout: { order } } = dataset;
  const last = order.length - 1;
  for (let sample = 0; sample < Math.min(SAMPLES, order.length); sample++) {
    const place = last < SAMPLES ? sample : Math.round(sample * last / (SAMPLES - 1));
    let image;
    try {
      image = dataset.get(index.keys.at(order.at(place)))!;
    } catch (error) {
      if (error instanceof UnrecError) return error.message;
      throw error;
    }
    const label = Math.trunc(image.label) + labelShift;
    if (label !== labels[place]) return `image ${first + place} has label ${label}, not ${labels[place]}`;
    const path = imagePath(output, label, first + place);
    const { size } = Deno.lstatSync(path);
    if (size !== image.bytes.length) return `${path} has ${size} bytes, not ${image.bytes.length}`;
  }
  return undefined;
}
