import { Dataset } from "../dataset.ts";
import type { DatasetIndex } from "../dataset_index.ts";
import { readLabels } from "../label_index.ts";
import type { Layout, OnError } from "../layout.ts";
import { Runs } from "../runs.ts";
import type { Choice, LabelStretches } from "./choice.ts";
import { choose, stretchesOf } from "./choose.ts";
import { layoutOfChosen, numbersOfKeys } from "./chosen_layout.ts";
import { NumberSet } from "./number_ranges.ts";
import { lookFor, setOfLabels } from "./presence.ts";
import { asksForLabels, type Selection } from "./selection.ts";
import { type DatasetFiles, type OpenFiles, type ReadOptions, readSurvey, type Survey } from "../survey.ts";
import { readToldStretches } from "./told_stretches.ts";

/**
 * Reads what tells the records of a dataset and their order, and which of them are wanted.
 *
 * @param files Its files.
 * @param options How to read it.
 * @param selection Which images are wanted; undefined if all are.
 * @throws {UnrecError} If a file is damaged or they do not belong together, or more people are to be drawn than there
 * are.
 */
export async function readChosenSurvey(
  files: DatasetFiles,
  options: ReadOptions,
  selection: Selection | undefined,
): Promise<Survey> {
  return await withChoice(files, await readSurvey(files, options), options, selection);
}

/**
 * Chooses images of a dataset whose records and their order are known.
 *
 * @param files Its files.
 * @param survey What is known of it.
 * @param options How it is read.
 * @param selection Which images are wanted; undefined if all are.
 * @returns What is known of it then.
 * @throws {UnrecError} If more people are to be drawn than there are.
 */
export async function withChoice(
  files: OpenFiles,
  survey: Survey,
  options: ReadOptions,
  selection: Selection | undefined,
): Promise<Survey> {
  if (selection === undefined) return survey;
  // What the choosing needs is read as of a dataset of which all is wanted.
  return { ...survey, choice: await chooseImages(new Dataset(files, survey, options), selection, options.onError) };
}

/**
 * Chooses images of a dataset, and reads what that takes: no image for keys and for a limit; where labels decide, the
 * first image of each identity record or, in the flat layout, the headers of all. Labels of a list need no reading.
 *
 * @param dataset The dataset, of which nothing was chosen yet.
 * @param selection What is wanted.
 * @param onError Whether an image whose label cannot be read is an error. If not, it may be one that is wanted, so it is
 * chosen: who reads it then tells that it is lost.
 * @throws {UnrecError} At an image that cannot be read, or if more people are to be drawn than there are.
 */
async function chooseImages(dataset: Dataset, selection: Selection, onError: OnError = "stop"): Promise<Choice> {
  const { index, layout, labelList } = dataset;
  let stretches: LabelStretches | undefined;
  let told: LabelStretches | undefined;
  if (asksForLabels(selection)) {
    if (labelList !== undefined) stretches = stretchesOf(labelList.labelsByNumber());
    else if (layout.kind === "flat") stretches = stretchesOf(await readLabels(dataset, onError));
    else stretches = told = await readToldStretches(dataset, onError);
  }
  const candidates = selection.keys === undefined ? allOf(layout) : numbersOfKeys(index, layout, selection.keys);
  const chosen = choose(dataset.path, selection, candidates, stretches);
  const labels = lookFor("labels", selection.labels, () => setOfLabels(stretches!.labels));
  const keys = lookFor("keys", selection.keys, () => keysOf(index, layoutOfChosen(layout, candidates)));
  return {
    layout: layoutOfChosen(layout, chosen),
    told,
    facts: {
      images: chosen.length,
      absentLabels: labels.absent,
      absentKeys: keys.absent,
      partial: [...labels.partial, ...keys.partial],
    },
  };
}

/** The keys of images. */
function keysOf(index: DatasetIndex, { order }: Layout): NumberSet {
  const keys = order.map(index.keys);
  return new NumberSet(
    Array.from({ length: keys.count }, (_, run) => [keys.starts[run], keys.starts[run] + keys.lengthOf(run) - 1]),
  );
}

function allOf({ images }: Layout): Runs {
  const numbers = new Runs();
  numbers.append(0, images);
  return numbers;
}
