import { addCount, type KindCounts, payloadCounts } from "../dataset/image_kinds.ts";
import type { VerificationFacts, VerificationImage, VerificationSet } from "../pickle/verification_set.ts";
import { payloadKind } from "../recordio/payload_kind.ts";
import type { PairsWritten } from "../sink/pairs_folder.ts";
import { type ImageNote, imageNotes, payloadRows } from "./image_notes.ts";
import { byteSize, counted, grouped } from "./numbers.ts";
import { printable } from "./printable.ts";
import { type Row, table } from "./table.ts";

/** How a run ended. */
export type PairsStatus = "complete" | "interrupted" | "failed";

/** What there is to say of a verification set. */
export interface SetSummary {
  /** What is known of the file. */
  facts: Readonly<VerificationFacts>;
  /** How many pairs there are. */
  pairs: number;
  /** How many of them are of the same person. */
  same: number;
  /** Images; one that is used in several pairs is one. */
  images: number;
  /** The images by kind; their places are bytes of the file. */
  kinds: KindCounts;
  /** The folder that they are written to, if they are. */
  folder: string | undefined;
  /** What was written; undefined if nothing was to be, or as long as it is not. */
  written: PairsWritten | undefined;
}

/**
 * Looks at all images of a verification set.
 *
 * @param set The set.
 * @param folder The folder that they will be written to, if they are.
 */
export function summaryOf(set: VerificationSet, folder: string | undefined): SetSummary {
  const images = new Set<VerificationImage>();
  const kinds: KindCounts = {};
  let same = 0;
  for (const pair of set) {
    if (pair.same) same++;
    for (const image of pair.images) {
      if (images.has(image)) continue;
      const first = { number: images.size, offset: image.offset };
      addCount(kinds, payloadKind(image.bytes).name, { images: 1, first, value: image.bytes.length });
      images.add(image);
    }
  }
  return { facts: set.facts, pairs: set.length, same, images: images.size, kinds, folder, written: undefined };
}

/**
 * What is odd about a verification set, though it can be read.
 *
 * @param summary What there is to say of it.
 * @returns A line each.
 */
export function setWarnings(summary: SetSummary): string[] {
  const { name, trailingBytes } = summary.facts;
  const notes = notesOf(summary).map(({ text }) => text);
  if (trailingBytes > 0) {
    notes.push(`${name} has ${counted(trailingBytes, "byte")} after its pickle, which are not read`);
  }
  return notes.map((text) => `Warning: ${text}`);
}

/**
 * The summary of a set for people.
 *
 * @param summary What there is to say of it.
 * @returns Lines of a name and a value; one sentence if all was written already.
 */
export function setText(summary: SetSummary): string {
  const { facts, pairs, same, images, kinds, folder, written } = summary;
  if (written?.wasComplete) {
    return `Already complete: ${counted(images, "image")} of ${counted(pairs, "pair")} in ${printable(folder!)}`;
  }
  return table([
    ["verification set", facts.name],
    ["pairs", `${grouped(pairs)}: ${grouped(same)} of the same person, ${grouped(pairs - same)} of different ones`],
    ["images", images === 2 * pairs ? grouped(images) : `${grouped(images)}, some of them in several pairs`],
    ...payloadRows(payloadCounts(kinds)),
    ["bytes", `${grouped(facts.size)} (${byteSize(facts.size)})`],
    ["pickle protocol", `${facts.protocol}`],
    ...written === undefined ? [] : writtenRows(written, images, folder!),
  ], 18);
}

/**
 * The summary of a run for programs. It has the same keys however the run ended; what is not known is null.
 *
 * @param sets What there is to say of each set.
 * @param status How it ended.
 * @param error Why it failed.
 * @param output The output folder.
 * @returns One line of JSON.
 */
export function pairsJson(
  sets: readonly SetSummary[],
  status: PairsStatus,
  error: string | undefined,
  output: string | undefined,
): string {
  return JSON.stringify({
    status,
    error: error ?? null,
    sets: sets.map((summary) => ({
      path: summary.facts.name,
      bytes: summary.facts.size,
      protocol: summary.facts.protocol,
      trailingBytes: summary.facts.trailingBytes,
      pairs: summary.pairs,
      same: summary.same,
      different: summary.pairs - summary.same,
      images: summary.images,
      payloads: payloadCounts(summary.kinds),
      notes: notesOf(summary),
      folder: summary.folder ?? null,
      writtenImages: summary.written?.images ?? null,
      alreadyComplete: summary.written?.wasComplete ?? false,
    })),
    output: output ?? null,
  });
}

function writtenRows(written: PairsWritten, images: number, folder: string): Row[] {
  const before = images - written.images;
  const rows: Row[] = before === 0
    ? []
    : [["written now", `${grouped(written.images)}; the other ${grouped(before)} were there`]];
  return [...rows, ["written to", folder]];
}

/** Files are named by what they are, so only what is no image at all is odd. */
function notesOf({ facts, kinds }: SetSummary): ImageNote[] {
  return imageNotes(facts.name, kinds, ["png", "gif", "webp", "bmp", "tiff"]);
}
