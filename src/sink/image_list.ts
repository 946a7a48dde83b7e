import { OWN_HEADING } from "../dataset/list_form.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { UnrecError } from "../errors.ts";
import { askedBy, checkNames } from "./check_names.ts";
import { TreePaths } from "./image_paths.ts";
import type { ListForm } from "./list_forms.ts";
import { labelName } from "./name_field.ts";
import { NameTemplate, REFERENCE_NAMES } from "./name_template.ts";
import { shuffledBeside } from "./shuffled.ts";
import { oneFile, type OneFileOptions } from "./one_file.ts";
import type { ShardFile, ShardWriter } from "./shard_writer.ts";
import type { ImagePaths, SinkStore } from "./sink.ts";

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
  const template = new NameTemplate(names);
  if (form === "path-label" && names.includes(" ")) {
    throw new UnrecError(`Cannot list images by ${names}: a space ends the path in a line of path and label`);
  }
  const options = { asks: askedBy(template), check: checkNames.bind(undefined, template) };
  return listStore(target, new TreePaths(template), form, overwrite, options);
}

/**
 * A list of all images that another store writes, in its order, with their paths there.
 *
 * @param target The file, or `-` for the standard output.
 * @param store The other store.
 * @param form What stands in a line.
 */
export function listOf(target: string, store: SinkStore, form: ListForm): SinkStore {
  const { asks, cut, shuffle } = store;
  if (shuffle !== undefined) return shuffledBeside(target, listOf(target, shuffle.store, form), shuffle);
  return listStore(target, store.paths!(), form, true, { asks, cut, check() {} });
}

function listStore(
  target: string,
  paths: ImagePaths,
  form: ListForm,
  overwrite: boolean,
  options: Pick<OneFileOptions, "asks" | "cut" | "check">,
): SinkStore {
  return oneFile({
    ...options,
    format: "list",
    target,
    overwrite,
    fsync: false,
    writer: (file) => new ListWriter(file, paths, form),
    begin: (task) => paths.begin?.(task),
    paths: () => paths,
  });
}

class ListWriter implements ShardWriter {
  readonly #file: ShardFile;
  readonly #paths: ImagePaths;
  readonly #line: (path: string, record: RecordView) => string;
  readonly #encoder = new TextEncoder();

  constructor(file: ShardFile, paths: ImagePaths, form: ListForm) {
    const { head, line } = FORMS[form];
    this.#file = file;
    this.#paths = paths;
    this.#line = line;
    file.write(this.#encoder.encode(head));
  }

  write(record: RecordView): void {
    this.#file.write(this.#encoder.encode(this.#line(this.#paths.pathOf(record), record)));
  }

  finish(): void {}
}
