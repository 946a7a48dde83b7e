import { unindexedError } from "../dataset/survey.ts";
import type { OnError } from "../dataset/layout.ts";
import type { DatasetLoss } from "../dataset/loss.ts";
import type { CommandLine } from "./command_line.ts";
import { counted, grouped } from "./numbers.ts";
import { wordError } from "./remedy.ts";

/** Lines of each table; a file has them all. */
const MOST_LINES = 20;

/** How many images are lost in all. */
export function lostImages(losses: readonly DatasetLoss[]): number {
  return losses.reduce((sum, { images }) => sum + images, 0);
}

/**
 * Says what could not be read of a dataset: where in the file, which keys, and which identities are not whole any more.
 *
 * @param loss What could not be read.
 * @param line How this process was started.
 * @param onError Whether what is whole was to be written all the same.
 * @returns Lines.
 */
export function lossLines(loss: DatasetLoss, line: CommandLine, onError: OnError): string[] {
  const { path, images, places, unindexed } = loss;
  const lines: string[] = [];
  if (images > 0) lines.push(`Lost: ${counted(images, "image")} of ${path}, in ${counted(places.length, "place")}`);
  for (const { start, end, keys: [first, last], images, reason } of places.slice(0, MOST_LINES)) {
    const where = start === undefined ? "" : ` at bytes ${start} to ${end}`;
    const keys = first === last ? `key ${first}` : `keys ${first} to ${last}`;
    lines.push(`  ${counted(images, "image")}, ${keys}${where}: ${reason}`);
  }
  lines.push(...more(places.length, "place", line));
  if (loss.record0) {
    lines.push(
      `Guessed: ${path} has no record 0 that can be read; the records with the highest keys, which have no bytes, are ` +
        "taken for its identity records",
    );
  }
  const identities = loss.identities();
  const guessed = identities.filter((identity) => identity.guessed).length;
  if (guessed > 0) {
    lines.push(
      `Guessed: ${path} has ${counted(guessed, "identity record")} that cannot be read; what lies between the images ` +
        "of the neighbours is taken for theirs, and if that is wrong, so are the numbers of all images after it",
    );
  }
  for (const { key, images, lost, guessed } of identities.slice(0, MOST_LINES)) {
    lines.push(
      `  identity record ${key}: ${grouped(lost)} of its ${counted(images, "image")}${guessed ? ", guessed" : ""}`,
    );
  }
  lines.push(...more(identities.length, "identity record", line));
  if (unindexed !== undefined) lines.push(wordError(unindexedError(path, unindexed, onError), line));
  return lines;
}

function more(count: number, noun: string, { command }: CommandLine): string[] {
  if (count <= MOST_LINES) return [];
  const where = command === "decode" ? "; --lost-tsv lists them all" : "";
  return [`  and ${counted(count - MOST_LINES, `more ${noun}`)}${where}`];
}
