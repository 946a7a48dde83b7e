import { OWN_HEADING } from "../dataset/list_form.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { UnrecError } from "../errors.ts";
import type { ListForm } from "./list_forms.ts";
import { labelName } from "./name_field.ts";
import { REFERENCE_NAMES } from "./name_template.ts";
import { fileInPieces } from "./file_pieces.ts";
import { folderTree } from "./folder_store.ts";
import { shuffledBeside } from "./shuffled.ts";
import { oneFile, type OneFileOptions } from "./one_file.ts";
import { PIECE_NAMES } from "./piece_name.ts";
import { PIECE_CUT } from "./piece_store.ts";
import type { ShardFile, ShardWriter } from "./shard_writer.ts";
import type { ImagePaths, SinkSpec, SinkStore } from "./sink.ts";

/** How a list is written. */
export interface ImageListOptions {
  /**
   * How images are named: text with fields in braces.
   *
   * @default {"id_{label}/{label}_{number}.jpg"}
   */
  names?: string;
  /**
   * What stands in a line: `tsv` path, label, key, number, identity and bytes, with a line of these names above;
   * `path-label` path and label; `lst` number, label and path, as MXNet's im2rec reads them; `insightface` a 1, path and
   * label, as its face2rec2 does.
   *
   * @default {"tsv"}
   */
  form?: ListForm;
  /**
   * Whether a file that is there may be replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
}

/** How the pieces of a list are written. Plain data. */
export interface ListPieces {
  /** What stands in a line. */
  form: ListForm;
  /** What makes the store whose images are listed. */
  of: SinkSpec;
}

/** About how many bytes a line has. */
const LINE_BYTES = 64;

/** How the lines of a form are built. */
interface FormLines {
  /** What stands above them. */
  head: string;
  /** Tells the first line of such a list from that of another file. */
  first: RegExp;
  line: (path: string, record: RecordView) => string;
}

const FORMS: Record<ListForm, FormLines> = {
  "tsv": {
    head: `${OWN_HEADING}\n`,
    first: new RegExp(`^${OWN_HEADING}\n`),
    line: (path, record) => {
      const { label, key = "", number, identity = "", length } = record;
      return `${path}\t${labelName(label)}\t${key}\t${number}\t${identity}\t${length}\n`;
    },
  },
  "path-label": { head: "", first: /^[^ ]+ -?\d+\n/, line: (path, { label }) => `${path} ${labelName(label)}\n` },
  "lst": {
    head: "",
    first: /^\d+\t-?\d+\t[^\t]+\n/,
    line: (path, { label, number }) => `${number}\t${labelName(label)}\t${path}\n`,
  },
  "insightface": {
    head: "",
    first: /^1\t[^\t]+\t-?\d+\n/,
    line: (path, { label }) => `1\t${path}\t${labelName(label)}\n`,
  },
};

/**
 * Whether a text may be a list of images of a form, by its first line.
 *
 * @param text Its beginning: no path takes up more than 4 KiB of it.
 * @param form The form.
 */
export function isListOf(text: string, form: ListForm): boolean {
  return FORMS[form].first.test(text);
}

/**
 * A list of all images, in reading order, with the paths of {@linkcode folderTree}; no image is written.
 *
 * @example
 * ```ts
 * import { decode, imageList, openDataset } from "@unrec/unrec";
 *
 * using dataset = await openDataset("tests/data/glint_mini");
 * await decode([dataset], imageList("images.tsv"));
 * console.log((await Deno.readTextFile("images.tsv")).split("\n")[1]); // id_0/0_0.jpg	0	1	0	83	3908
 * ```
 *
 * @param target The file, or `-` for the standard output.
 * @param options How it is written.
 * @throws {UnrecError} If images cannot be named so.
 */
export function imageList(
  target: string,
  { names = REFERENCE_NAMES, form = "tsv", overwrite = false }: ImageListOptions = {},
): SinkStore {
  const tree = folderTree(".", { names });
  if (form === "path-label" && names.includes(" ")) {
    throw new UnrecError(`Cannot list images by ${names}: a space ends the path in a line of path and label`);
  }
  return listStore(target, tree, form, overwrite, (sources) => tree.check(sources));
}

/**
 * A list of all images that another store writes, in its order, with their paths there.
 *
 * @param target The file, or `-` for the standard output.
 * @param store The other store.
 * @param form What stands in a line.
 */
export function listOf(target: string, store: SinkStore, form: ListForm): SinkStore {
  const { shuffle } = store;
  if (shuffle !== undefined) return shuffledBeside(target, listOf(target, shuffle.store, form), shuffle);
  return listStore(target, store, form, true, () => {});
}

function listStore(
  target: string,
  listed: SinkStore,
  form: ListForm,
  overwrite: boolean,
  check: OneFileOptions["check"],
): SinkStore {
  const { asks, cut } = listed;
  const paths = listed.paths!();
  const list: OneFileOptions = {
    format: "list",
    target,
    overwrite,
    fsync: false,
    asks,
    cut,
    head: new TextEncoder().encode(FORMS[form].head),
    end: new Uint8Array(),
    check,
    writer: (file) => new ListWriter(file, paths, form),
    begin: (task) => paths.begin?.(task),
    paths: () => listed.paths!(),
    inPieces: (requirePlace) => piecesOf(list, requirePlace, listed.inPieces?.() ?? listed, form),
  };
  return oneFile(list);
}

/** The pieces of a list: of files with many images a piece for each, because paths name these. */
function piecesOf(list: OneFileOptions, requirePlace: () => void, listed: SinkStore, form: ListForm): SinkStore {
  return fileInPieces<ListPieces>(list, requirePlace, {
    options: { form, of: listed.spec! },
    form: { "form of a line": form, "format listed": listed.format, ...listed.form },
    cut: listed.cut ?? PIECE_CUT,
    pieces: {
      ...PIECE_NAMES,
      writer: (file, _, task) => {
        const paths = listed.paths!();
        paths.begin?.(task);
        return new ListWriter(file, paths, form);
      },
      bytesOf: () => LINE_BYTES,
    },
  });
}

class ListWriter implements ShardWriter {
  readonly #file: ShardFile;
  readonly #paths: ImagePaths;
  readonly #line: (path: string, record: RecordView) => string;
  readonly #encoder = new TextEncoder();

  constructor(file: ShardFile, paths: ImagePaths, form: ListForm) {
    this.#file = file;
    this.#paths = paths;
    this.#line = FORMS[form].line;
  }

  write(record: RecordView): void {
    this.#file.write(this.#encoder.encode(this.#line(this.#paths.pathOf(record), record)));
  }

  finish(): void {}
}
