import { dirname, join } from "node:path";
import { FileSource } from "../bytes/file_source.ts";
import { readAll } from "../bytes/reading.ts";
import type { LabelList } from "../dataset/label_list.ts";
import { readLabelList } from "../dataset/read_label_list.ts";
import { UnrecError } from "../errors.ts";
import { type DatasetPlace, DatasetSource } from "./dataset_source.ts";
import type { FoundSource, Source } from "./source.ts";

/**
 * Takes the labels of datasets from lists beside them.
 *
 * @param sources What is to be read, in order.
 * @param lists A list for each, in the same order; none if the labels are those of the images' headers.
 * @returns The sources, those with labels of the lists.
 * @throws {UnrecError} If there are not as many lists as sources, or a source is no dataset in files, or a list cannot
 * be opened.
 */
export function withLabelsFrom<Found extends FoundSource>(
  sources: readonly Found[],
  lists: readonly string[],
): (Found | DatasetPlace)[] {
  if (lists.length === 0) return [...sources];
  if (lists.length !== sources.length) {
    throw new UnrecError(
      `Cannot take labels from ${lists.join(", ")}: the number of lists is ${lists.length}, that of datasets ` +
        `${sources.length}`,
      { kind: "text", text: "give a list for each dataset, in the same order" },
    );
  }
  return sources.map((source, i) => {
    if (!isDataset(source)) {
      const cannot = `Cannot take labels from ${lists[i]}: ${source.path}`;
      throw source.kind === "archive"
        ? new UnrecError(`${cannot} is an archive, whose index is known only when all is read`, {
          kind: "unpack",
          path: source.path,
        })
        : new UnrecError(`${cannot} has labels of its own: a list with paths names images and labels`);
    }
    // It is read later, and it is told now if that cannot be.
    new FileSource(lists[i])[Symbol.dispose]();
    return source.withLabelsFrom(lists[i]);
  });
}

function isDataset(source: FoundSource): source is DatasetPlace {
  return source.kind === "dataset";
}

/** How lists of labels are named. */
const LIST_NAME = /\.(lst|txt|tsv)$/i;
/** A folder with more files of such names is one of something else. */
const MOST_LISTS = 20;

/**
 * Looks beside a dataset for a list that has a label for each of its images, and not the same one for all.
 *
 * @param source The dataset.
 * @returns The path of the first such list by name; undefined if there is none.
 */
export async function listBeside(source: Source): Promise<string | undefined> {
  for await (const list of listsBeside(source)) if (hasSeveralLabels(list)) return list.facts.path;
  return undefined;
}

/**
 * Looks beside a dataset for lists that have a label for each of its images.
 *
 * @param source The dataset.
 * @returns The lists, by name; none for what is no dataset in files.
 */
export async function* listsBeside(source: Source): AsyncGenerator<LabelList> {
  if (!(source instanceof DatasetSource)) return;
  const folder = dirname(source.path);
  for (const name of listNames(folder)) {
    const path = join(folder, name);
    try {
      using file = new FileSource(path);
      yield await readAll(readLabelList(path, source.index, source.layout), file);
    } catch (error) {
      // It is a list of something else.
      if (!(error instanceof UnrecError)) throw error;
    }
  }
}

function listNames(folder: string): string[] {
  try {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => LIST_NAME.test(name))
      .sort();
    return names.length > MOST_LISTS ? [] : names;
  } catch {
    // Who may read the dataset need not be allowed to list its folder.
    return [];
  }
}

function hasSeveralLabels(list: LabelList): boolean {
  let first: number | undefined;
  for (const { label } of list) {
    first ??= label;
    if (label !== first) return true;
  }
  return false;
}
