import { optionName, orList } from "./option.ts";

/** Options that not every format knows. */
export type FormatOption =
  | ("name" | "layout" | "lostTsv" | "listForm")
  | ("shardImages" | "shardBytes" | "prefix" | "ext" | "sampleJson" | "index" | "shuffle");

/** What can be written, and which of these options each knows. The first is what is meant where none is named. */
export const FORMATS = {
  folder: ["name", "lostTsv"],
  tar: ["name"],
  list: ["name", "listForm"],
  webdataset: ["lostTsv", "shardImages", "shardBytes", "prefix", "ext", "sampleJson", "index", "shuffle"],
  parquet: ["name", "lostTsv", "shardImages", "shardBytes", "prefix", "shuffle"],
  rec: ["lostTsv", "layout", "shuffle"],
} as const satisfies Record<string, readonly FormatOption[]>;

/** The name of a format. */
export type FormatName = keyof typeof FORMATS;

/** The names of all formats. */
export const FORMAT_NAMES = Object.keys(FORMATS) as [FormatName, ...FormatName[]];

/**
 * Looks for an option that a format does not know.
 *
 * @param format The format.
 * @param isGiven Whether an option is given.
 * @returns What is wrong, in words; undefined if nothing is.
 */
export function unknownOption(format: FormatName, isGiven: (option: FormatOption) => boolean): string | undefined {
  const known: readonly FormatOption[] = FORMATS[format];
  const others = new Set<FormatOption>(Object.values(FORMATS).flat());
  for (const option of others) {
    if (known.includes(option) || !isGiven(option)) continue;
    const formats = FORMAT_NAMES.filter((name) => (FORMATS[name] as readonly FormatOption[]).includes(option));
    return `--${optionName(option)} is for --format=${orList(formats)}, and this is --format=${format}`;
  }
  return undefined;
}
