import type { Traffic } from "../bytes/traffic.ts";
import { payloadCounts } from "../dataset/image_kinds.ts";
import type { ImagesFacts } from "../dataset/images_facts.ts";
import { publishedLike } from "../dataset/published_sets.ts";
import type { SourceInfo } from "../info/dataset_info.ts";
import type { Distribution } from "../info/distribution.ts";
import { checkProperty, type PropertyCheck } from "../info/property.ts";
import { PAYLOAD_KINDS } from "../recordio/payload_kind.ts";
import type { Beside, FileBeside } from "../source/beside.ts";
import { imageNotes, TITLES } from "./image_notes.ts";
import { imagesNotes } from "./images_notes.ts";
import { listNotes } from "./label_notes.ts";
import { roundedNote } from "./layout_notes.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import { partialNotes } from "./selection_notes.ts";
import { type Row, table } from "./table.ts";

/** What there is to say of a source. */
export interface SourceSummary {
  /** What went over a network, if it is at a URL. */
  traffic?: Traffic;
  /** Its name. */
  path: string;
  /** What it is. */
  kind: "dataset" | "archive" | "images";
  /** The bytes of its record file, of the archive, or of all images; undefined if that is not known. */
  bytes: number | undefined;
  /** What it holds. */
  info: SourceInfo;
  /** What lies beside it; undefined if there is nowhere to look. */
  beside: Beside | undefined;
  /** What of it cannot be read; undefined if all could be that was looked at. */
  error: string | undefined;
}

/** A source of which nothing can be said. */
export interface FailedSource {
  /** Its name. */
  path: string;
  /** What it is. */
  kind: "dataset" | "archive" | "images";
  /** Why. */
  error: string;
}

/** The cells of the names. */
const NAME_WIDTH = 20;

/** The widest bar of a histogram, in cells. */
const WIDEST_BAR = 40;

const FULL = "━";

/**
 * What there is to say of a source, for people.
 *
 * @param summary What is known of it.
 * @param again The command that looks at all images.
 * @param width The cells of the terminal's lines; undefined if it is no terminal, and no bars are drawn.
 * @returns Lines of a name and a value.
 */
export function infoText({ path, kind, bytes, info, beside }: SourceSummary, again: string, width?: number): string {
  const checked = checkedProperty(info);
  const rows: Row[] = [
    [kind, path],
    ...info.datasets.flatMap((dataset) => layoutRows(dataset, info.datasets.length > 1)),
    ["images", imagesText(info)],
    ...info.lostImages === 0 ? [] : [["not readable", grouped(info.lostImages)] as Row],
    ["bytes", bytes === undefined ? "not known" : `${grouped(bytes)} (${byteSize(bytes)})`],
    ...labelRows(info, width),
    ["image kinds", kindsText(info)],
    ["pixels", sizesText(info)],
    ["looked at", lookedText(info, again)],
    ...checked === undefined ? [] : [["property", propertyText(checked, info)] as Row],
    ...beside === undefined ? [] : besideRows(beside),
  ];
  return table(rows.map(([name, value]) => [`${name}:`, value]), NAME_WIDTH);
}

function imagesText({ images, datasets }: SourceInfo): string {
  const whole = datasets.reduce((sum, { layout }) => sum + layout.images, 0);
  return areChosen(datasets) ? `${grouped(images)}, chosen of ${grouped(whole)}` : grouped(images);
}

function areChosen(datasets: SourceInfo["datasets"]): boolean {
  return datasets.some(({ chosen }) => chosen !== undefined);
}

/** What the `property` file says of a source that is one dataset. The labels of several are counted together. */
function checkedProperty(info: SourceInfo): PropertyCheck | undefined {
  const [{ property } = {}, ...others] = info.datasets;
  return property === undefined || others.length > 0 ? undefined : checkProperty(property, info);
}

/** Says what a dataset is, and what is odd about its index and its identity records. */
function layoutRows(dataset: SourceInfo["datasets"][number], isOneOfSeveral: boolean): Row[] {
  const { path, layout, records, duplicateKeys, property, images } = dataset;
  if (images !== undefined) return [["labels are", labelsAreText(images)]];
  const odd: [string, number][] = [
    ["keys given twice", duplicateKeys],
    ["backward ranges", layout.backwardRanges],
    ["images named twice", layout.repeatedImages],
    ["records not named", layout.unnamedRecords],
  ];
  return [
    ...isOneOfSeveral ? [["dataset", path] as Row] : [],
    ["known as", knownText(dataset)],
    ["layout", `${layout.kind}, record 0 ${layout.record0 === "between" ? "between the others" : layout.record0}`],
    ["records", grouped(records)],
    ["identity records", grouped(layout.identityRecords)],
    ...odd.filter(([, count]) => count > 0).map(([name, count]): Row => [name, grouped(count)]),
    ...isOneOfSeveral && property !== undefined ? [["property", property] as Row] : [],
  ];
}

function labelsAreText({ from, named }: ImagesFacts): string {
  if (from === "list") return "the numbers in the list";
  return named ? "numbers of the folders' names, in the order of their bytes" : "the numbers in the folders' names";
}

function knownText(dataset: SourceInfo["datasets"][number]): string {
  const published = publishedLike(dataset);
  if (published === undefined) return "no published set that unrec knows";
  return `${published.name}: as many images, identity records and lines of the index`;
}

function labelRows({ labels, labelBasis }: SourceInfo, width: number | undefined): Row[] {
  if (labels === undefined) return [["people (labels)", "none"]];
  const { lowest, highest } = labels;
  const range = `from ${grouped(lowest)} to ${grouped(highest)}`;
  if (labelBasis === "sample") return [["people (labels)", `not counted; ${range} in the images looked at`]];
  const gaps = labels.gaps === 0
    ? "without a gap"
    : `with ${counted(labels.gaps, "gap")}: ${counted(labels.absent, "number")} that no image has`;
  return [
    ["people (labels)", `${grouped(labels.labels)}, ${range}, ${gaps}`],
    ["images per person", perPersonText(labels.imagesPerLabel)],
    ...histogramRows(labels.imagesPerLabel, width),
  ];
}

function perPersonText({ least, median, mean, most }: Distribution): string {
  if (least === most) return `${grouped(least)} each`;
  const decimal = (number: number) => number.toLocaleString("en-US", { maximumFractionDigits: 1 });
  return `${grouped(least)} to ${grouped(most)}, median ${decimal(median)}, mean ${decimal(mean)}`;
}

/**
 * Draws how many people have how many images.
 *
 * @param distribution How many images people have.
 * @param width The cells of a line; undefined for no bars.
 */
function histogramRows({ histogram }: Distribution, width: number | undefined): Row[] {
  if (histogram.length < 2) return [];
  const most = Math.max(...histogram.map(({ groups }) => groups));
  const counts = histogram.map(({ groups }) => grouped(groups));
  const room = (width ?? 0) - NAME_WIDTH - Math.max(...counts.map((count) => count.length)) - 2;
  const cells = Math.min(WIDEST_BAR, room);
  return histogram.map(({ from, to, groups }, i) => {
    // Who is there at all can be seen.
    const bar = groups === 0 || cells < 1 ? "" : FULL.repeat(Math.max(1, Math.round(cells * groups / most)));
    const name = from === to ? grouped(from) : `${grouped(from)} to ${grouped(to)}`;
    return [`  ${name}`, bar === "" ? counts[i] : `${bar} ${counts[i]}`];
  });
}

function kindsText({ looked }: SourceInfo): string {
  const payloads = payloadCounts(looked.kinds);
  const kinds = Object.values(PAYLOAD_KINDS).map(({ name }) => name).filter((name) => payloads[name] !== undefined);
  return kinds.map((name) => `${grouped(payloads[name]!)} ${TITLES[name]}`).join(", ") || "none";
}

/** So many sizes are named. */
const NAMED_SIZES = 3;

function sizesText({ looked: { sizes, images } }: SourceInfo): string {
  if (sizes.length === 0) return "not known";
  const known = sizes.reduce((sum, { images }) => sum + images, 0);
  const unknown = known === images ? [] : [`${grouped(images - known)} that tell no size`];
  const [{ width, height }] = sizes;
  if (sizes.length === 1 && known === images) return `${width} x ${height}, all`;
  const others = sizes.slice(NAMED_SIZES);
  const rest = others.reduce((sum, { images }) => sum + images, 0);
  return [
    ...sizes.slice(0, NAMED_SIZES).map(({ width, height, images }) => `${grouped(images)} of ${width} x ${height}`),
    ...others.length === 0 ? [] : [`${grouped(rest)} of ${counted(others.length, "other size")}`],
    ...unknown,
  ].join(", ");
}

function lookedText({ isAll, looked, labelBasis, datasets }: SourceInfo, again: string): string {
  if (isAll) return areChosen(datasets) ? "all images that are chosen" : "all images";
  const speaks = labelBasis === "identity-records" ? ", and the first image of each identity record for its label" : "";
  const over = areChosen(datasets) ? "those that are chosen" : "the set";
  return `${counted(looked.images, "image")} spread over ${over}${speaks}; all with: ${again}`;
}

function propertyText({ text, classes, size, classesAreTrue, sizeIsTrue }: PropertyCheck, info: SourceInfo): string {
  const wrong: string[] = [];
  if (classes === null) wrong.push("it names no number of classes");
  if (classesAreTrue === false) {
    const { lowest, highest } = info.labels!;
    const what = lowest < 0 ? `the lowest label is ${grouped(lowest)}` : `the highest label is ${grouped(highest)}`;
    wrong.push(`${counted(classes!, "class")}, and ${what}`);
  }
  if (sizeIsTrue === false) wrong.push(`${size!.width} x ${size!.height} pixels, and images have other sizes`);
  if (wrong.length > 0) return `${text}: not true: ${wrong.join("; ")}`;
  const isKnown = classesAreTrue !== null && (sizeIsTrue !== null || size === null);
  return `${text}: ${isKnown ? "true" : "true as far as it is known"}`;
}

function besideRows({ verificationSets, labelLists }: Beside): Row[] {
  return [["verification sets", filesText(verificationSets)], ["lists of labels", filesText(labelLists)]];
}

function filesText(files: readonly FileBeside[]): string {
  const texts = files.map(({ path, bytes }) => bytes === null ? path : `${path} (${byteSize(bytes)})`);
  return texts.join(", ") || "none beside it";
}

/**
 * What is odd about a source, though it can be read.
 *
 * @param summary What is known of it.
 * @returns A sentence each.
 */
export function infoNotes({ path, info }: Pick<SourceSummary, "path" | "info">): string[] {
  const { datasets, looked, isAll } = info;
  // What the images are is told already.
  const odd = imageNotes(path, looked.kinds, Object.values(PAYLOAD_KINDS).map(({ name }) => name));
  const among = isAll ? "" : `Among ${counted(looked.images, "image")} looked at, `;
  return [
    ...datasets.flatMap(partialNotes),
    ...odd.map(({ text }) => among + text),
    ...datasets.flatMap(({ path, layout: { rounded } }) =>
      rounded === undefined ? [] : [roundedNote(path, rounded).text]
    ),
    ...datasets.flatMap(({ labelList }) => labelList === undefined ? [] : listNotes(labelList).map(({ text }) => text)),
    ...datasets.flatMap(({ path, images }) => images === undefined ? [] : imagesNotes(path, images)),
  ];
}

/**
 * What there is to say of sources, for programs. A source has the same keys whatever is known of it; what is not, is null.
 *
 * @param sources The sources, those among them of which nothing can be said.
 * @param error What ended the command.
 * @returns One line of JSON.
 */
export function infoJson(sources: readonly (SourceSummary | FailedSource)[], error?: string): string {
  const ok = error === undefined && sources.every(({ error }) => error === undefined);
  return JSON.stringify({ ok, error: error ?? null, sources: sources.map(sourceJson) });
}

function sourceJson(source: SourceSummary | FailedSource) {
  const { path, kind } = source;
  const known = "info" in source ? source : undefined;
  const info = known?.info;
  const checked = info && checkedProperty(info);
  return {
    path,
    kind,
    error: source.error ?? null,
    bytes: known?.bytes ?? null,
    traffic: known?.traffic ?? null,
    images: info?.images ?? null,
    lookedAt: info === undefined
      ? null
      : { images: info.looked.images, bytes: info.looked.bytes, all: info.isAll, lost: info.lostImages },
    payloads: info === undefined ? null : payloadCounts(info.looked.kinds),
    sizes: info?.looked.sizes ?? null,
    labels: info?.labels === undefined ? null : labelsJson(info.labels, info.labelBasis),
    property: checked === undefined ? null : {
      text: checked.text,
      classes: checked.classes,
      width: checked.size?.width ?? null,
      height: checked.size?.height ?? null,
      classesAreTrue: checked.classesAreTrue,
      sizeIsTrue: checked.sizeIsTrue,
    },
    published: info?.datasets.map(publishedLike).find((published) => published !== undefined)?.name ?? null,
    verificationSets: known?.beside?.verificationSets ?? null,
    labelLists: known?.beside?.labelLists ?? null,
    notes: known === undefined ? [] : infoNotes(known),
    datasets: (info?.datasets ?? []).map(({ path, layout, records, duplicateKeys, property }) => ({
      path,
      layout: layout.kind,
      record0: layout.record0,
      records,
      identityRecords: layout.identityRecords,
      images: layout.images,
      duplicateKeys,
      backwardRanges: layout.backwardRanges,
      repeatedImages: layout.repeatedImages,
      unnamedRecords: layout.unnamedRecords,
      rounded: layout.rounded ?? null,
      property: property ?? null,
    })),
  };
}

function labelsJson(labels: NonNullable<SourceInfo["labels"]>, basis: SourceInfo["labelBasis"]) {
  const isCounted = basis !== "sample";
  return {
    basis,
    count: isCounted ? labels.labels : null,
    lowest: labels.lowest,
    highest: labels.highest,
    gaps: isCounted ? labels.gaps : null,
    absent: isCounted ? labels.absent : null,
    imagesPerLabel: isCounted ? labels.imagesPerLabel : null,
  };
}
