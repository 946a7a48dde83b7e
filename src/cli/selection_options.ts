import { systemReason, UnrecError } from "../errors.ts";
import { type NumberRange, parseRange, rangeText } from "../dataset/selection/number_ranges.ts";
import type { Selection } from "../dataset/selection/selection.ts";
import { count, type Option, optionName, type Values } from "./option.ts";
import { UsageError } from "./usage_error.ts";

/** Said where labels decide what is read. In the flat layout all of the file has to be read for them. */
export const LABELS_TO_CHOOSE = "Reading labels first, to choose by them";

const MOST_IMAGES = 2 ** 32 - 1;

/** The options of all commands that read images: which of them. */
export const selectionOptions = {
  labels: numbers({
    help: "only people with these labels: 0-999,1500, or @FILE, a file that lists them",
    more:
      "only images with these labels: numbers and ranges such as `0-999,1500`, or `@FILE`, a text file that lists " +
      "them. May be given more than once. `unrec help select` says how options that choose go together",
  }),
  excludeLabels: numbers({
    help: "no people with these labels",
    more: "no images with these labels, given as for `--labels`",
  }),
  keys: numbers({
    help: "only the images with these keys of train.idx",
    more: "only the images with these keys of `train.idx`, given as labels are for `--labels`",
  }),
  minPerLabel: count({ least: 1, most: MOST_IMAGES, default: undefined }, {
    value: "N",
    help: "only people with at least N images",
  }),
  sample: count({ least: 1, most: MOST_IMAGES, default: undefined }, {
    value: "N",
    help: "only N people of each dataset, drawn at random; the same ones on every machine",
    more: "only N people of each dataset, drawn at random. Which ones, `--seed` says: the same on every machine",
  }),
  seed: count({ least: 0, most: 2 ** 32 - 1, default: undefined }, {
    value: "S",
    help: "with --sample: another number draws other people (default: 0)",
    more: "with `--sample`: another number draws other people; the default is 0",
  }),
  maxPerLabel: count({ least: 1, most: MOST_IMAGES, default: undefined }, {
    value: "N",
    help: "at most N images of each person, the first ones",
  }),
  limit: count({ least: 1, most: MOST_IMAGES, default: undefined }, {
    value: "N",
    help: "at most N images of each dataset, the first ones",
  }),
};

/**
 * Which images are wanted.
 *
 * @param given What the command line gives.
 * @returns undefined if all are.
 * @throws {UsageError} If the options make no sense together.
 */
export function selectionOf(
  { labels, excludeLabels, keys, minPerLabel, sample, seed, maxPerLabel, limit }: Values<typeof selectionOptions>,
): Selection | undefined {
  if (seed !== undefined && sample === undefined) {
    throw new UsageError("--seed says which people --sample draws: give that too");
  }
  const conditions: Selection = {
    keys,
    labels,
    excludedLabels: excludeLabels,
    minPerLabel,
    sample,
    seed: sample === undefined ? undefined : seed ?? 0,
    maxPerLabel,
    limit,
  };
  const asked = Object.entries(conditions).filter(([, condition]) => condition !== undefined);
  return asked.length === 0 ? undefined : Object.fromEntries(asked);
}

/**
 * How a selection is typed.
 *
 * @param selection Which images are wanted.
 * @returns A flag for each condition; lists that are too long for a line are cut.
 */
export function selectionFlags({ excludedLabels, ...selection }: Selection): string[] {
  const given: Partial<Record<keyof typeof selectionOptions, number | readonly NumberRange[]>> = {
    ...selection,
    ...excludedLabels === undefined ? {} : { excludeLabels: excludedLabels },
  };
  return Object.entries(given).map(([key, value]) => `--${optionName(key)}=${valueText(value)}`);
}

/** Ranges that a line has room for. */
const MOST_RANGES = 10;

function valueText(value: number | readonly NumberRange[]): string {
  if (typeof value === "number") return `${value}`;
  return value.slice(0, MOST_RANGES).map(rangeText).join(",") + (value.length > MOST_RANGES ? ",..." : "");
}

/** An option that takes whole numbers and ranges of them, or files that list these. */
function numbers(described: { help: string; more: string }): Option<readonly NumberRange[] | undefined> {
  return {
    ...described,
    value: "LIST",
    repeatable: true,
    default: undefined,
    parse: (texts, flag) =>
      texts.flatMap((text) => text.startsWith("@") ? rangesInFile(text.slice(1), flag) : rangesIn(text, flag)),
  };
}

function rangesIn(text: string, flag: string): NumberRange[] {
  return text.split(",").map((item) => {
    const range = parseRange(item);
    if (range === undefined) {
      throw new UsageError(`${flag}=${text}: give whole numbers and ranges, such as 0-999,1500, or @FILE`);
    }
    return range;
  });
}

function rangesInFile(path: string, flag: string): NumberRange[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new UnrecError(`Cannot read ${flag}=@${path}: ${systemReason(error)}`);
  }
  const ranges: NumberRange[] = [];
  for (const [i, line] of text.replace(/^\ufeff/, "").split(/\r?\n|\r/).entries()) {
    for (const item of line.split(/[\s,]+/).filter((item) => item !== "")) {
      const range = parseRange(item);
      if (range === undefined) {
        throw new UnrecError(
          `Cannot read ${flag}=@${path}: line ${i + 1} has ${item}, which is no whole number and no range`,
        );
      }
      ranges.push(range);
    }
  }
  if (ranges.length === 0) throw new UnrecError(`Cannot read ${flag}=@${path}: it lists nothing`);
  return ranges;
}
