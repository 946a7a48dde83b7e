import { type ImageKind, payloadCounts } from "../dataset/image_kinds.ts";
import type { FindingKind, Findings, Instance } from "../verify/findings.ts";
import type { DatasetVerification, TreeVerification, VerifyReport } from "../verify/verify_report.ts";
import type { CommandLine } from "./command_line.ts";
import { decodedJson, decodedRows } from "./decoded_images.ts";
import { type ImageNote, imageNotes, payloadRows } from "./image_notes.ts";
import { type LabelNote, listNotes, propertyNote } from "./label_notes.ts";
import { type LayoutNote, roundedNote } from "./layout_notes.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import { wordError } from "./remedy.ts";
import { table } from "./table.ts";

/** What is wrong, after a number: the noun, and the rest of the phrase. */
const PHRASES: Record<FindingKind, [string, string]> = {
  "damage": ["damaged place", "where no record can be read"],
  "key-without-record": ["key", "of the index without a record at its byte"],
  "record-without-key": ["record", "without a key in the index"],
  "duplicate-key": ["line", "of the index with a key that another line has"],
  "shared-record": ["key", "of the index for a record that has a key already"],
  "repeated-image": ["image", "in overlapping ranges of identity records"],
  "backward-range": ["identity record", "with a range that ends before it begins"],
  "unnamed-record": ["record", "that no identity record names"],
  "empty-image": ["image", "without any bytes"],
  "unknown-image": ["image", "beginning as no known kind of image does, unlike the others"],
  "cut-image": ["image", "beginning as JPEG or PNG do, but cut before their end"],
  "no-label-vector": ["image", "whose header announces labels that are not there"],
  "undecodable-image": ["image", "that cannot be decoded"],
  "other-size": ["image", "of another size than most"],
  "label": ["image", "with a label that names no class"],
  "missing-file": ["image", "without a file"],
  "file-size": ["file", "of another size than the image"],
  "file-bytes": ["file", "with other bytes than the image"],
  "surplus-file": ["entry", "belonging to no image"],
  "empty-folder": ["folder", "with nothing in it"],
};

/**
 * Says what is wrong.
 *
 * @param report What was found.
 * @param tree The folder of the tree.
 * @param line How this process was started.
 * @returns A line each; none if all is well.
 */
export function verifyComplaints(
  { datasets, tree: treeReport }: VerifyReport,
  tree: string | undefined,
  line: CommandLine,
): string[] {
  const lines: string[] = [];
  for (const { place, records, problem, findings, property, checksums } of datasets) {
    if (problem !== undefined) lines.push(wordError(problem, line));
    if (records === 0) lines.push(`${place.path}: there is no whole record`);
    lines.push(...findingLines(place.path, findings));
    if (property?.exceeded) lines.push(propertyNote(property).text);
    for (const path of checksums?.differing ?? []) {
      lines.push(`${path}: its md5 sum is not the published one of Glint360K; download it again`);
    }
  }
  if (treeReport?.problem !== undefined) lines.push(`Cannot verify the tree ${tree}: ${treeReport.problem}`);
  if (treeReport !== undefined) lines.push(...findingLines(tree!, treeReport.findings));
  return lines;
}

/**
 * Says what is odd about images and keys, though nothing is wrong with them.
 *
 * @param report What was found.
 */
export function verifyNotes({ datasets }: VerifyReport): (ImageNote | LabelNote | LayoutNote)[] {
  return datasets.flatMap(({ place, layout, kinds, findings, property, labelList }) => {
    // These are complained about.
    const told: ImageKind[] = findings["unknown-image"] === undefined ? ["empty"] : ["empty", "raw"];
    const notes = [
      ...layout?.rounded === undefined ? [] : [roundedNote(place.path, layout.rounded)],
      ...imageNotes(place.path, kinds, told),
      ...labelList === undefined ? [] : listNotes(labelList),
    ];
    return property === undefined || property.exceeded ? notes : [...notes, propertyNote(property)];
  });
}

function findingLines(path: string, findings: Findings): string[] {
  const kinds = Object.keys(PHRASES) as FindingKind[];
  return kinds.filter((kind) => findings[kind] !== undefined).map((kind) => {
    const { count, first } = findings[kind]!;
    const [noun, rest] = PHRASES[kind];
    const plural = noun === "entry" && count !== 1 ? `${grouped(count)} entries` : counted(count, noun);
    const more = count > first.length && first.length > 0 ? [`and ${grouped(count - first.length)} more`] : [];
    const cases = [...first.map(instanceText), ...more].join("; ");
    return `${path}: ${plural} ${rest}${cases === "" ? "" : `: ${cases}`}`;
  });
}

function instanceText({ byte, key, path, detail }: Instance): string {
  const at = byte === undefined ? "" : `byte ${byte}`;
  const named = key === undefined ? at : at === "" ? `key ${key}` : `key ${key} at ${at}`;
  // A damaged place says itself which bytes it is.
  if (detail !== undefined) return detail.startsWith("bytes ") ? detail : `${named}, ${detail}`;
  return path ?? named;
}

/**
 * The summary for people.
 *
 * @param report What was found.
 * @param tree The folder of the tree.
 * @param seconds From start to end.
 * @param complaints What is wrong, in lines.
 * @returns Lines of a name and a value, a paragraph for each dataset, one for the tree, one for all.
 */
export function verifyText(
  report: VerifyReport,
  tree: string | undefined,
  seconds: number,
  complaints: readonly string[],
): string {
  const bytes = report.datasets.reduce((sum, { bytes }) => sum + bytes, 0);
  const blocks: [string, string][][] = report.datasets.map(datasetRows);
  if (report.tree !== undefined) blocks.push(treeRows(report.tree, tree!));
  blocks.push([
    ["bytes", `${grouped(bytes)} (${byteSize(bytes)})`],
    ["seconds", seconds.toFixed(2)],
    ["rate", `${byteSize(bytes / seconds)}/s`],
    ["result", resultOf(complaints.length, verifyNotes(report).length)],
  ]);
  return blocks.map((rows) => table(rows, 20)).join("\n\n");
}

function resultOf(complaints: number, notes: number): string {
  if (complaints > 0) return `not well: ${counted(complaints, "complaint")}, see standard error`;
  return notes === 0 ? "all is well" : `all is well, with ${counted(notes, "note")}, see standard error`;
}

function datasetRows(result: DatasetVerification): [string, string][] {
  const { place, layout, frames, records, multiPartRecords, keys, labels, lowestLabel, highestLabel } = result;
  const rows: [string, string][] = [
    ["dataset", place.path],
    ["layout", layout === undefined ? "not known" : `${layout.kind}, record 0 ${layout.record0}`],
    ["frames", grouped(frames)],
    ["records", grouped(records)],
    ["multi-part records", grouped(multiPartRecords)],
    ["keys", keys === undefined ? "not known" : grouped(keys)],
    ["identity records", layout === undefined ? "not known" : grouped(layout.identityRecords)],
    ["images", layout === undefined ? "not known" : grouped(layout.order.length)],
    ...payloadRows(payloadCounts(result.kinds)),
    ...result.decoded === undefined ? [] : decodedRows(result.decoded),
    ["labels", labels === 0 ? "0" : `${grouped(labels)}, from ${lowestLabel} to ${highestLabel}`],
    ["damaged bytes", grouped(result.damagedBytes)],
  ];
  return rows.concat(checksumRows(result));
}

function checksumRows({ checksums }: DatasetVerification): [string, string][] {
  if (checksums === undefined) return [];
  const { records, index, recognisedBy, differing } = checksums;
  const verdict = recognisedBy === undefined
    ? "no, so there are no published sums to compare with"
    : `yes, by ${recognisedBy}; ${
      differing.length === 0 ? "both sums are the published ones" : "the sums are not the published ones"
    }`;
  return [["md5 of records", records], ["md5 of index", index ?? "there is no index"], ["is it Glint360K?", verdict]];
}

function treeRows({ matching, images, problem }: TreeVerification, tree: string): [string, string][] {
  const matches = problem === undefined ? `${grouped(matching)} of ${counted(images, "image")}` : "not known";
  return [["tree", tree], ["files that match", matches]];
}

/**
 * The summary for programs. It has the same keys however the run ended; what is not known is null.
 *
 * @param report What was found.
 * @param tree The folder of the tree.
 * @param seconds From start to end.
 * @param complaints What is wrong, in lines.
 * @param error Why it could not be found out.
 * @returns One line of JSON.
 */
export function verifyJson(
  report: VerifyReport,
  tree: string | undefined,
  seconds: number,
  complaints: readonly string[],
  error?: string,
): string {
  return JSON.stringify({
    ok: error === undefined && complaints.length === 0,
    error: error ?? null,
    complaints,
    notes: verifyNotes(report),
    datasets: report.datasets.map((result) => ({
      path: result.place.path,
      index: result.place.index,
      bytes: result.bytes,
      layout: result.layout?.kind ?? null,
      record0: result.layout?.record0 ?? null,
      rounded: result.layout?.rounded ?? null,
      frames: result.frames,
      records: result.records,
      multiPartRecords: result.multiPartRecords,
      keys: result.keys ?? null,
      identityRecords: result.layout?.identityRecords ?? null,
      images: result.layout?.order.length ?? null,
      payloads: payloadCounts(result.kinds),
      decoded: result.decoded === undefined ? null : decodedJson(result.decoded),
      labels: result.labels,
      lowestLabel: result.labels === 0 ? null : result.lowestLabel,
      highestLabel: result.labels === 0 ? null : result.highestLabel,
      damagedBytes: result.damagedBytes,
      problem: result.problem?.message ?? null,
      findings: result.findings,
      checksums: result.checksums === undefined ? null : {
        records: result.checksums.records,
        index: result.checksums.index ?? null,
        isGlint360K: result.checksums.recognisedBy !== undefined,
        differing: result.checksums.differing,
      },
    })),
    tree: report.tree === undefined ? null : {
      path: tree,
      images: report.tree.images,
      matching: report.tree.matching,
      problem: report.tree.problem ?? null,
      findings: report.tree.findings,
    },
    seconds,
    traffic: report.traffic ?? null,
  });
}
