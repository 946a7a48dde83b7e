import { assertEquals } from "@std/assert";
import { type JournalHeader, journalLine, parseJournal, type TaskLine } from "../../src/decode/journal_lines.ts";

const HEADER: JournalHeader = { plan: { "--relabel": false, "the size of a file": 12 }, alone: true };

const TASKS: TaskLine[] = [0, 1, 2].map((i) => ({
  dataset: 0,
  start: 100 * i,
  images: 3,
  bytes: 90,
  emptyImages: 0,
  multiPartImages: 1,
  labels: "5..7",
  last: { label: 7, ordinal: 3 * i + 2, bytes: 30 },
}));

const COMPLETE = { complete: { images: 9, labels: 3 } };

function join(lines: Uint8Array[]): Uint8Array {
  return Uint8Array.from(lines.flatMap((line) => [...line]));
}

Deno.test("parseJournal: cut at any byte it says what its whole lines say", () => {
  const lines = [HEADER, ...TASKS, COMPLETE].map(journalLine);
  const bytes = join(lines);
  for (let length = 0; length <= bytes.length; length++) {
    let whole = 0;
    let end = 0;
    while (whole < lines.length && end + lines[whole].length <= length) end += lines[whole++].length;
    const content = parseJournal(bytes.subarray(0, length));
    if (whole === 0) assertEquals(content, undefined);
    else {
      const complete = whole === lines.length ? COMPLETE.complete : undefined;
      assertEquals(content, { header: HEADER, tasks: TASKS.slice(0, whole - 1), complete, length: end });
    }
  }
});

Deno.test("parseJournal: a byte that changed costs its line and no other", () => {
  const lines = [HEADER, ...TASKS].map(journalLine);
  const second = lines[0].length + lines[1].length;
  for (let at = second; at < second + lines[2].length - 1; at++) {
    const bytes = join(lines);
    bytes[at] ^= 1;
    // A line feed in its midst makes two lines of it, neither of which is whole.
    assertEquals(parseJournal(bytes)?.tasks, [TASKS[0], TASKS[2]]);
  }
  for (const bytes of [new Uint8Array(), new Uint8Array(500), Uint8Array.of(10, 10), join(lines.slice(1))]) {
    assertEquals(parseJournal(bytes), undefined);
  }
});
