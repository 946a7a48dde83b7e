import { basename, dirname, join } from "node:path";
import { UnrecError } from "../../errors.ts";

/** Standard input, as it is named in place of a file. */
export const STANDARD_INPUT = "-";

/** What numbers a part: the end of its name, digits or letters, after what all parts have in common. */
interface PartName {
  stem: string;
  /** Digits, or letters as `split` gives them: aa, ab, ... */
  mark: string;
  number: number;
}

function partName(name: string): PartName | undefined {
  const [, stem, mark] = /^(.*?)(\d+)$/.exec(name) ?? /^(.*[._-])([a-z]{2,})$/.exec(name) ?? [];
  if (mark === undefined) return undefined;
  const number = /\d/.test(mark) ? Number(mark) : [...mark].reduce((sum, c) => sum * 26 + c.charCodeAt(0) - 97, 0);
  return { stem, mark, number };
}

/**
 * The parts that a file is one of, in the order of their numbers. A file that has no sibling is all there is.
 *
 * @param path Any of the parts.
 * @param names Names of the files beside it, its own among them.
 * @returns Paths of the parts.
 * @throws {UnrecError} If a part in between or the first one is missing.
 */
export function partsOf(path: string, names: string[]): string[] {
  const own = partName(basename(path));
  if (own === undefined) return [path];
  const digits = /\d/.test(own.mark);
  const parts = names.map((name) => ({ name, part: partName(name)! })).filter(({ part }) =>
    part !== undefined && part.stem === own.stem && /\d/.test(part.mark) === digits &&
    (digits || part.mark.length === own.mark.length)
  ).sort((a, b) => a.part.number - b.part.number);
  // Letters number a part only where there is an "aa": they may be an extension as well.
  if (parts.length < 2 || !digits && parts[0].part.number !== 0) return [path];
  const { number: first } = parts[0].part;
  const expected = digits ? (first === 1 && !names.includes(nameOf(parts[0].part, 0)) ? 1 : 0) : 0;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].part.number === expected + i) continue;
    const missing = nameOf(parts[0].part, expected + i);
    throw new UnrecError(
      `Cannot read the parts ${join(dirname(path), `${own.stem}*`)}: ${missing} is missing, ${parts[i].name} comes ` +
        "in its place",
      { kind: "download-again", path: missing },
    );
  }
  return parts.map(({ name }) => join(dirname(path), name));
}

/** The name of another part, with as many digits or letters. */
function nameOf({ stem, mark }: PartName, number: number): string {
  if (/\d/.test(mark)) return stem + String(number).padStart(mark.length, "0");
  let letters = "";
  for (let i = 0; i < mark.length; i++) {
    letters = String.fromCharCode(97 + number % 26) + letters;
    number = Math.floor(number / 26);
  }
  return stem + letters;
}
