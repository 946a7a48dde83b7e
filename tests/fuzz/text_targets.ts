/** Targets for files that anybody can write: journals, and lists of checksums. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { type JournalContent, type JournalLine, journalLine, parseJournal } from "../../src/decode/journal_lines.ts";
import { UnrecError } from "../../src/errors.ts";
import { readChecksums } from "../../src/source/archive/checksums.ts";
import { HEADER, JOINT, LOST, PLAN, STREAM, TASKS } from "../decode/sample_journal.ts";
import { joined, mutate, mutateText, mutateValue, oneOf } from "./samples.ts";
import type { FuzzTarget } from "./targets.ts";

const LINES: JournalLine[] = [
  HEADER,
  ...TASKS,
  LOST,
  JOINT,
  STREAM,
  { forget: 1, from: 30 },
  { cleared: PLAN },
  { complete: true },
];

/** Journals, damaged or forged: what is read of one makes sense, so that it is the same when it is written once more. */
export function journalTarget(): FuzzTarget {
  return (random) => {
    const content = parseJournal(sampleJournal(random));
    if (content === undefined) return;
    const again = parseJournal(joined(linesOf(content).map(journalLine)));
    assertEquals({ ...again, length: content.length }, content);
  };
}

/** A journal in which lines are in any order, changed and signed anew; or in which bytes are damaged. */
function sampleJournal(random: () => number): Uint8Array<ArrayBuffer> {
  const lines = [HEADER, ...Array.from({ length: 1 + random() * 8 }, () => oneOf(LINES, random))];
  const forged = lines.map((line) => random() < 0.3 ? mutateValue(line, random) as JournalLine : line);
  const bytes = joined(forged.map(journalLine));
  return random() < 0.3 ? mutate(bytes, random) : bytes;
}

/** The lines of a journal that says what another one says. */
function linesOf({ header, tasks, removeFrom, complete }: JournalContent): JournalLine[] {
  return [
    header,
    ...removeFrom === undefined ? [] : [{ forget: header.plan.sources.length, from: removeFrom }],
    ...tasks,
    ...complete ? [{ complete } as const] : [],
  ];
}

/**
 * Lists of checksums: every line is a sum and a name, or the list is refused by the number of a line that is not.
 *
 * @param folder Where there may be a file.
 */
export function checksumsTarget(folder: string): FuzzTarget {
  const path = join(folder, "sums");
  return (random) => {
    const bytes = sampleChecksums(random);
    Deno.writeFileSync(path, bytes);
    const expected = sumsOf(new TextDecoder().decode(bytes));
    try {
      assertEquals([...readChecksums(path)], expected);
    } catch (error) {
      if (!(error instanceof UnrecError)) throw error;
      assert(error.message.startsWith(`Cannot read the checksums ${path}: line ${expected} is `), error.message);
    }
    Deno.removeSync(path);
  };
}

function sampleChecksums(random: () => number): Uint8Array<ArrayBuffer> {
  const lines = Array.from({ length: 1 + random() * 6 }, () => {
    const digits = Array.from({ length: oneOf([32, 64], random) }, () => oneOf("0123456789abcdefABCDEF", random));
    return `${digits.join("")}${oneOf(["  ", " *"], random)}${oneOf(NAMES, random)}${oneOf(["\n", "\r\n"], random)}`;
  });
  const bytes = new TextEncoder().encode(lines.join(""));
  return random() < 0.3 ? bytes : random() < 0.5 ? mutate(bytes, random) : mutateText(bytes, random);
}

const NAMES = ["glint360k_00", "a/b/train.rec", "/a b", " *x", "x ", "..", "\\n", "é\u{1f600}", "__proto__"];

/** The sums in a list, in the order of their names; or the number of the first line that is none. */
function sumsOf(text: string): [string, string][] | number {
  const sums = new Map<string, string>();
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const end = line.indexOf(" ");
    const isSum = [32, 64].includes(end) &&
      Array.from(line.slice(0, end)).every((c) => "0123456789abcdefABCDEF".includes(c));
    const path = line.slice(end + 2);
    if (!isSum || ![" ", "*"].includes(line[end + 1]) || path === "" || /[\r\u2028\u2029]/.test(path)) return i + 1;
    sums.set(path.split("/").filter((name) => name !== "").at(-1) ?? "", line.slice(0, end).toLowerCase());
  }
  return [...sums];
}
