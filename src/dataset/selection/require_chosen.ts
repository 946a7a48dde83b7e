import { UnrecError } from "../../errors.ts";
import { type NumberRange, rangeText } from "./number_ranges.ts";
import type { SelectionFacts } from "./selection.ts";

/** A dataset of which something was chosen. */
export interface ChosenFrom {
  /** Its record file. */
  path: string;
  /** What was chosen; undefined if all is wanted. */
  chosen?: SelectionFacts;
}

/**
 * Makes sure that all is there that was asked for. Labels and keys have to be in one of the datasets, not in each.
 *
 * @param datasets The datasets that were asked.
 * @throws {UnrecError} If a label or a key is in none of them, or if nothing was chosen of any.
 */
export function requireChosen(datasets: readonly ChosenFrom[]): void {
  const facts = datasets.map(({ chosen }) => chosen).filter((chosen) => chosen !== undefined);
  if (facts.length === 0 || facts.length < datasets.length) return;
  const where = datasets.length === 1 ? datasets[0].path : `any of the ${datasets.length} datasets`;
  requireNone("label", facts.map(({ absentLabels }) => absentLabels), where);
  requireNone("key", facts.map(({ absentKeys }) => absentKeys), where);
  if (facts.every(({ images }) => images === 0)) {
    throw new UnrecError(`Cannot choose images of ${where}: none is left by all that is asked for`);
  }
}

/** Names that are told; the others are counted. */
const MOST_NAMES = 10;

/** Ends where something is absent everywhere. */
function requireNone(noun: string, [first, ...others]: readonly NumberRange[][], where: string): void {
  const elsewhere = others.map((ranges) => new Set(ranges.map(rangeText)));
  const absent = first.map(rangeText).filter((text) => elsewhere.every((texts) => texts.has(text)));
  if (absent.length === 0) return;
  const more = absent.length - MOST_NAMES;
  const names = absent.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const nouns = absent.length === 1 && !/\d-/.test(names) ? noun : `${noun}s`;
  throw new UnrecError(
    `Cannot choose the ${nouns} ${names}: no image of ${where} has ${nouns === noun ? "it" : "these"}`,
  );
}
