import type { ListForm } from "../sink/list_forms.ts";
import type { SinkStore } from "../sink/sink.ts";
import type { WebDatasetIndex } from "../sink/webdataset.ts";
import { optionName, orList } from "./option.ts";

/** What a command line says of how images are written, whatever the format is. */
interface AnyGiven {
  overwrite: boolean;
  fsync: boolean;
}

/** The same for options that not every format knows. */
interface OwnGiven {
  name: string | undefined;
  layout: "identity" | "flat" | undefined;
  lostTsv: boolean;
  listForm: ListForm;
  shardImages: number | undefined;
  shardBytes: number | undefined;
  prefix: string | undefined;
  ext: "jpg" | "content" | undefined;
  sampleJson: boolean;
  index: readonly WebDatasetIndex[];
  shuffle: number | undefined;
}

/** Options that not every format knows. */
export type FormatOption = keyof OwnGiven;

/** What a command line says of a format and of how it is written. */
export type FormatGiven = AnyGiven & OwnGiven & { format: FormatName };

/** A format. */
interface Format {
  /** Those of the options that it knows. */
  options: readonly FormatOption[];
  /** Whether all goes to one file, which can be the standard output. */
  isFile?: true;
  /** Makes the store that writes it; only then it is loaded. */
  store(output: string, given: AnyGiven & OwnGiven): Promise<SinkStore>;
}

/** What can be written. The first is what is meant where none is named; a new one is an entry here. */
const FORMATS = {
  folder: {
    options: ["name", "lostTsv"],
    store: async (output, { name, fsync }) =>
      (await import("../sink/folder_store.ts")).folderTree(output, { names: name, fsync }),
  },
  tar: {
    options: ["name"],
    isFile: true,
    store: async (output, { name, overwrite, fsync }) =>
      (await import("../sink/tar_tree.ts")).tarTree(output, { names: name, overwrite, fsync }),
  },
  list: {
    options: ["name", "listForm"],
    isFile: true,
    store: async (output, { name, listForm, overwrite }) =>
      (await import("../sink/image_list.ts")).imageList(output, { names: name, form: listForm, overwrite }),
  },
  webdataset: {
    options: ["lostTsv", "shardImages", "shardBytes", "prefix", "ext", "sampleJson", "index", "shuffle"],
    async store(output, { shardImages, shardBytes, prefix, ext, sampleJson, index, fsync }) {
      const { webDataset } = await import("../sink/webdataset.ts");
      return webDataset(output, {
        images: shardImages,
        bytes: shardBytes,
        prefix,
        ext,
        json: sampleJson,
        index,
        fsync,
      });
    },
  },
  parquet: {
    options: ["name", "lostTsv", "shardImages", "shardBytes", "prefix", "shuffle"],
    async store(output, { name, shardImages, shardBytes, prefix, fsync }) {
      const { parquet } = await import("../sink/parquet.ts");
      return await parquet(output, { names: name, images: shardImages, bytes: shardBytes, prefix, fsync });
    },
  },
  rec: {
    options: ["lostTsv", "layout", "shuffle"],
    store: async (output, { layout, fsync }) =>
      (await import("../sink/rec_store.ts")).recordFile(output, { layout, fsync }),
  },
} as const satisfies Record<string, Format>;

/** The name of a format. */
export type FormatName = keyof typeof FORMATS;

/** The names of all formats. */
export const FORMAT_NAMES = Object.keys(FORMATS) as [FormatName, ...FormatName[]];

/** The names of those that go to one file. */
export const FILE_FORMATS: readonly FormatName[] = FORMAT_NAMES.filter((name) => formatOf(name).isFile);

function formatOf(name: FormatName): Format {
  return FORMATS[name];
}

/**
 * Where a command line says that images go.
 *
 * @param output What `--output` says.
 * @param given What the others say.
 * @throws {UnrecError} If it cannot be written so.
 */
export async function storeOf(output: string, given: FormatGiven): Promise<SinkStore> {
  const store = await formatOf(given.format).store(output, given);
  const { shuffle, fsync } = given;
  if (shuffle === undefined) return store;
  return (await import("../sink/shuffled.ts")).shuffled(store, { seed: shuffle, fsync });
}

/**
 * Looks for an option that a format does not know.
 *
 * @param format The format.
 * @param isGiven Whether an option is given.
 * @returns What is wrong, in words; undefined if nothing is.
 */
export function unknownOption(format: FormatName, isGiven: (option: FormatOption) => boolean): string | undefined {
  const others = new Set(FORMAT_NAMES.flatMap((name) => formatOf(name).options));
  for (const option of others) {
    if (formatOf(format).options.includes(option) || !isGiven(option)) continue;
    const formats = FORMAT_NAMES.filter((name) => formatOf(name).options.includes(option));
    return `--${optionName(option)} is for --format=${orList(formats)}, and this is --format=${format}`;
  }
  return undefined;
}
