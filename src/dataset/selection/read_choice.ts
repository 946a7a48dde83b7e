import type { Reading } from "../../bytes/reading.ts";
import { labelProblem } from "../../recordio/label_kind.ts";
import { RecordError } from "../../recordio/problem.ts";
import type { Cursor } from "../cursor.ts";
import type { DatasetIndex } from "../dataset_index.ts";
import type { LabelList } from "../label_list.ts";
import type { Layout } from "../layout.ts";
import { cutTasks } from "../plan.ts";
import { readTask } from "../read_task.ts";
import type { OnError } from "../record_header.ts";
import { Runs } from "../runs.ts";
import { choose, type LabelStretches, stretchesOf } from "./choose.ts";
import { layoutOfChosen, numbersOfKeys } from "./chosen_layout.ts";
import { readIdentityLabels } from "./identity_labels.ts";
import { lookFor, setOfLabels } from "./presence.ts";
import { NumberSet } from "./number_ranges.ts";
import { asksForLabels, type Selection, type SelectionFacts } from "./selection.ts";

/** What was chosen of a dataset. */
export interface Choice {
  /** The layout of what was chosen: numbers are those of the whole dataset. */
  layout: Layout;
  /** The label that the images of each identity record must have; undefined if labels were not asked for so. */
  identityLabels: Float64Array<ArrayBuffer> | undefined;
  /** What there is to say of it. */
  facts: SelectionFacts;
}

/**
 * Chooses images of a dataset, and reads what that takes: no image for keys and for a limit; where labels decide, the
 * first image of each identity record or, in the flat layout, the headers of all. Labels of a list need no reading.
 *
 * @param cursor Goes through the record file.
 * @param index Its index.
 * @param layout The layout of all of it.
 * @param list The labels of a list, if they are taken from one.
 * @param selection What is wanted.
 * @param onError Whether an image whose label cannot be read is an error. If not, it may be one that is wanted, so it is
 * chosen: who reads it then tells that it is lost.
 * @throws {RecordError} At an image that cannot be read.
 * @throws {UnrecError} If more people are to be drawn than there are.
 */
export function* readChoice(
  cursor: Cursor,
  index: DatasetIndex,
  layout: Layout,
  list: LabelList | undefined,
  selection: Selection,
  onError: OnError,
): Reading<Choice> {
  let stretches: LabelStretches | undefined;
  let identityLabels: Float64Array<ArrayBuffer> | undefined;
  if (asksForLabels(selection)) {
    if (list !== undefined) stretches = stretchesOf(list.labelsByNumber());
    else if (layout.kind === "flat") stretches = stretchesOf(yield* readAllLabels(cursor, index, layout, onError));
    else {
      identityLabels = yield* readIdentityLabels(cursor, index, layout, onError);
      stretches = { starts: layout.identityNumbers, labels: identityLabels };
    }
  }
  const candidates = selection.keys === undefined ? all(layout) : numbersOfKeys(index, layout, selection.keys);
  const chosen = choose(cursor.file.name, selection, candidates, stretches);
  const labels = lookFor("labels", selection.labels, () => setOfLabels(stretches!.labels));
  const keys = lookFor("keys", selection.keys, () => keysOf(index, layoutOfChosen(layout, candidates)));
  return {
    layout: layoutOfChosen(layout, chosen),
    identityLabels,
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

/** Reads the headers of all images, and so nearly all of the file. */
function* readAllLabels(
  cursor: Cursor,
  index: DatasetIndex,
  { order, images }: Layout,
  onError: OnError,
): Reading<Float64Array<ArrayBuffer>> {
  const labels = new Float64Array(images).fill(NaN);
  const taskBytes = 4 * cursor.scanner.chunk.length;
  const tasks = cutTasks(index, order, { fileBytes: cursor.file.size, taskBytes, maxGap: taskBytes, firstNumber: 0 });
  for (const task of tasks) {
    yield* readTask(cursor, task, {
      record(view) {
        const problem = labelProblem(view);
        if (problem === undefined) labels[view.number] = view.label;
        else if (onError === "stop") throw new RecordError(problem);
      },
      ...onError === "skip" ? { lost() {} } : {},
    });
  }
  return labels;
}

function all({ images }: Layout): Runs {
  const numbers = new Runs();
  numbers.append(0, images);
  return numbers;
}
