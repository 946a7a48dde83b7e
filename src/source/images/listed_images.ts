import { dirname, isAbsolute, join } from "node:path";
import { FileSource } from "../../bytes/file_source.ts";
import { columnsOf, formOf, isHeading, type ListForm, type ListLine, listNumber } from "../../dataset/list_form.ts";
import { UnrecError } from "../../errors.ts";
import { isExactKey } from "../../recordio/float32_keys.ts";
import type { FoundImages, ImageFile, ImageGroup } from "./image_groups.ts";
import { ImageSizes } from "./image_sizes.ts";
import { NameSum } from "./name_sum.ts";

/** How lists are named. */
const LIST_NAME = /\.(lst|txt|tsv|csv)$/i;

/** From this many lines the form is told. */
const HEAD_LINES = 256;
/** So many lines are a group. */
const GROUP_LINES = 1024;
/** How much of a list is read at once; no line is longer. */
const CHUNK_BYTES = 2 ** 20;
const LF = 0x0a;

/** Some lines of a list. */
type Lines = ImageGroup & { kind: "lines" };

/** A line, and the byte after it. */
interface PlacedLine extends ListLine {
  end: number;
}

/**
 * Whether a file may be a list of images, by its name.
 *
 * @param path The file.
 */
export function isListName(path: string): boolean {
  return LIST_NAME.test(path);
}

/**
 * Looks at all images that a list names.
 *
 * @param path The list.
 * @returns What there is, in the order of the lines.
 * @throws {UnrecError} If a line cannot be read, or an image cannot be looked at.
 */
export function findListedImages(path: string): FoundImages {
  using list = new FileSource(path);
  const form = readForm(list);
  const groups: { group: ImageGroup; images: number }[] = [];
  const sizes = new ImageSizes();
  const names = new NameSum();
  const labels: Float64Array<ArrayBuffer>[] = [];
  let group: Lines = { kind: "lines", path, form, line: 1, bytes: [0, 0] };
  let waiting: PlacedLine[] = [];
  const close = () => {
    const [last] = waiting.slice(-1);
    if (last === undefined) return;
    group = { ...group, bytes: [group.bytes[1], last.end] };
    const images = waiting.flatMap((line) => imageOf(group, line) ?? []);
    labels.push(Float64Array.from(images, ({ label }) => label));
    const own = images.map((image) => sizes.look(image.path));
    own.forEach((size) => names.addSize(size));
    sizes.add(own);
    groups.push({ group, images: images.length });
    group = { ...group, line: last.number + 1 };
    waiting = [];
  };
  for (const line of linesOf(list, 0, list.size)) {
    names.addName(line.text);
    waiting.push(line);
    if (waiting.length === GROUP_LINES) close();
  }
  close();
  return {
    groups,
    sizes: sizes.all,
    names: names.hex,
    changed: sizes.changed,
    labels: joined(labels, sizes.count),
    classes: undefined,
    unlike: undefined,
    labelsALine: form.labels,
    left: { count: 0, first: [] },
  };
}

/**
 * The images of a group.
 *
 * @param group Lines of a list.
 * @returns Its images in their order.
 * @throws {UnrecError} If the list cannot be read.
 */
export function imagesOfLines(group: Lines): ImageFile[] {
  using list = new FileSource(group.path);
  const [from, end] = group.bytes;
  const images: ImageFile[] = [];
  for (const { number, text } of linesOf(list, from, end)) {
    const image = imageOf(group, { number: group.line - 1 + number, text });
    if (image !== undefined) images.push(image);
  }
  return images;
}

function joined(pieces: readonly Float64Array[], length: number): Float64Array<ArrayBuffer> {
  const all = new Float64Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Tells how the lines of a list are built. */
function readForm(list: FileSource): ListForm {
  const head: ListLine[] = [];
  let heading: string | undefined;
  for (const line of linesOf(list, 0, list.size)) {
    if (line.number === 1 && isHeading(line.text)) heading = line.text;
    if (line.text === "" || line.text === heading) continue;
    head.push(line);
    if (head.length === HEAD_LINES) break;
  }
  const first = head[0]?.text ?? heading;
  if (first !== undefined && hasCommas(first)) {
    throw new UnrecError(`Cannot read the images of ${list.name}: commas stand between its columns`, {
      kind: "text",
      text: "put tabs in their place",
    });
  }
  if (head.length === 0) throw new UnrecError(`Cannot read the images of ${list.name}: there is no label in it`);
  const form = formOf(list.name, head, heading);
  if (form.name !== undefined) return form;
  throw new UnrecError(`Cannot read the images of ${list.name}: its lines have numbers and no paths`, {
    kind: "as-labels",
    path: list.name,
  });
}

/** Whether commas part a line into columns, of which one is a number, and neither tabs nor spaces do. */
function hasCommas(line: string): boolean {
  const isNumber = (text: string) => !Number.isNaN(listNumber(text));
  return line.split(",").some(isNumber) && !line.split(/[\t ]/).some(isNumber);
}

/** What a line names; undefined for a heading and for a blank line. */
function imageOf({ path, form }: Lines, { number, text }: ListLine): ImageFile | undefined {
  if (text === "" || number === 1 && isHeading(text)) return undefined;
  const columns = columnsOf(text, form.separator);
  const cannot = `Cannot read the images of ${path}: line ${number}`;
  if (columns.length !== form.columns) {
    throw new UnrecError(`${cannot} has ${columns.length} columns, and the first one has ${form.columns}`, {
      kind: "text",
      text: "where names have spaces, put tabs between the columns",
    });
  }
  const label = listNumber(columns[form.label]);
  if (!Number.isSafeInteger(label)) throw new UnrecError(`${cannot} has a label that is no whole number`);
  if (!isExactKey(label)) {
    throw new UnrecError(`${cannot} has the label ${label}, and records hold labels as float32, which rounds it`);
  }
  const name = columns[form.name!];
  return { path: isAbsolute(name) ? name : join(dirname(path), name), label };
}

/** The lines of a stretch of a list, numbered from 1, without what ends them and the spaces around them. */
function* linesOf(list: FileSource, from: number, end: number): Generator<PlacedLine> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  const textOf = (at: number, stop: number) => decoder.decode(chunk.subarray(at, stop)).trim();
  let number = 0;
  /** Byte of the list that the chunk begins with, and how many bytes of it are read. */
  let begin = from;
  let filled = 0;
  for (;;) {
    const room = Math.min(CHUNK_BYTES - filled, end - begin - filled);
    filled += list.read(begin + filled, chunk.subarray(filled, filled + room));
    let at = 0;
    for (let stop = chunk.indexOf(LF); stop >= 0 && stop < filled; stop = chunk.indexOf(LF, at)) {
      yield { number: ++number, text: textOf(at, stop), end: begin + stop + 1 };
      at = stop + 1;
    }
    if (begin + filled >= end) {
      if (at < filled) yield { number: ++number, text: textOf(at, filled), end };
      return;
    }
    if (at === 0) {
      throw new UnrecError(`Cannot read the images of ${list.name}: line ${number + 1} is longer than any of a list`);
    }
    chunk.copyWithin(0, at, filled);
    begin += at;
    filled -= at;
  }
}
