import { assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import {
  headerLine,
  type JournalLine,
  journalLine,
  parseJournal,
  type TaskLine,
} from "../../src/decode/journal_lines.ts";
import { labelRanges, labelsOfRanges } from "../../src/decode/label_ranges.ts";
import { HEADER, JOINT, kindsOf, LOST, LOST_PART, PARTS, PLAN, STREAM, STREAM_PART, TASKS } from "./sample_journal.ts";

function join(lines: Uint8Array[]): Uint8Array {
  return Uint8Array.from(lines.flatMap((line) => [...line]));
}

/** A line whose sum is right, whatever it says. */
function signed(json: string): Uint8Array {
  return new TextEncoder().encode(`${crc32(json).toString(16).padStart(8, "0")} ${json}\n`);
}

function parse(...lines: JournalLine[]) {
  return parseJournal(join(lines.map(journalLine)));
}

Deno.test("parseJournal: cut at any byte it says what its whole lines say", () => {
  const tasks = [...TASKS, LOST, JOINT, STREAM];
  const lines = [HEADER, ...tasks, { complete: true } as const].map(journalLine);
  const bytes = join(lines);
  for (let length = 0; length <= bytes.length; length++) {
    let whole = 0;
    let end = 0;
    while (whole < lines.length && end + lines[whole].length <= length) end += lines[whole++].length;
    const content = parseJournal(bytes.subarray(0, length));
    if (whole === 0) assertEquals(content, undefined);
    else {
      const expected = { header: HEADER, tasks: tasks.slice(0, whole - 1), removeFrom: undefined, length: end };
      assertEquals(content, { ...expected, complete: whole === lines.length });
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

Deno.test("parseJournal: of a task that was done again the last line counts", () => {
  const again = { ...TASKS[0], parts: [{ ...PARTS[0], images: 2, kinds: kindsOf(2), labels: "5..6" }] };
  assertEquals(parse(HEADER, ...TASKS, again)?.tasks, [again, TASKS[1], TASKS[2]]);
});

Deno.test("parseJournal: what is written besides, whenever that was said", () => {
  const lines: JournalLine[] = [HEADER, { beside: "/lists/a" }, TASKS[0], { complete: true }, { beside: "list.tsv" }];
  assertEquals([parse(HEADER)?.beside, parse(...lines.slice(0, 3))?.beside], [undefined, "/lists/a"]);
  const content = parse(...lines);
  assertEquals([content?.beside, content?.complete, content?.tasks], ["list.tsv", true, [TASKS[0]]]);
  const odd = parseJournal(join([journalLine(HEADER), signed('{"beside":7}'), signed('{"beside":null}')]));
  assertEquals(odd?.beside, undefined);
});

Deno.test("parseJournal: what is forgotten and cleared", () => {
  const { stream: _, ...part } = STREAM_PART;
  const other: TaskLine = { ...STREAM, parts: [part] };
  const forget = { forget: 1, from: 30 };
  const plan = { ...PLAN, sources: PLAN.sources.with(1, { ...PLAN.sources[1], images: 4 }) };
  // What goes on in that source is forgotten too.
  const lines: JournalLine[] = [HEADER, TASKS[0], JOINT, other, { complete: true }, forget];
  const expected = { header: HEADER, tasks: [TASKS[0]], removeFrom: 30 as number | undefined, complete: false };
  assertEquals(parse(...lines), { ...expected, length: join(lines.map(journalLine)).length });
  lines.push({ cleared: plan });
  Object.assign(expected, { header: { ...HEADER, plan }, removeFrom: undefined });
  assertEquals(parse(...lines), { ...expected, length: join(lines.map(journalLine)).length });
  lines.push(other);
  assertEquals(parse(...lines)?.tasks, [TASKS[0], other]);
  // A task that is none of the plan that counts in the end does not count, whatever plan it was noted under.
  const smaller = { ...plan, sources: plan.sources.with(0, { ...plan.sources[0], images: 12 }) };
  assertEquals(parse(HEADER, TASKS[0], LOST, { cleared: smaller })?.tasks, [TASKS[0]]);
});

/** What no field may be. */
const NO_VALUES: unknown[] = [null, true, [], {}, [1], "x"];
const NO_COUNTS: unknown[] = [...NO_VALUES, -1, 0.5, 2 ** 53, 1e300, "1"];
const NO_NUMBERS: unknown[] = [...NO_VALUES, "1", "NaN"];
const NO_TEXTS: unknown[] = [null, 1, true, [], {}];
const NO_RANGES: unknown[] = [null, 1, {}, "x", [1], [[1]], [[1, 2, 3]], [[0.5, 1]], [["1", 2]], [null]];
/** What was chosen of a dataset. */
const CHOSEN = {
  images: 3,
  absentLabels: [[1, 1]],
  absentKeys: [],
  partial: [{ of: "keys", range: [1, 5], found: 2 }],
};

/** Every field of a line that is checked, and values that make the line not count. */
type Wrong = [path: (string | number)[], values: unknown[]][];

const WRONG_PLAN: Wrong = [
  [[], NO_VALUES],
  [["format"], NO_TEXTS],
  [["form"], [null, 1, "x", [1], { names: 1 }, { names: null }]],
  [["relabel"], [null, 0, "true", {}]],
  [["sources"], [null, 1, {}, "", [null], [1], [[]]]],
  [["sources", 0, "kind"], NO_TEXTS],
  [["sources", 0, "path"], NO_TEXTS],
  [["sources", 0, "files"], [null, 1, {}, "", [null], [1]]],
  [["sources", 0, "files", 0, "name"], NO_TEXTS],
  [["sources", 0, "files", 0, "size"], NO_COUNTS.slice(1)],
  [["sources", 0, "files", 0, "time"], NO_TEXTS.slice(1)],
  [["sources", 0, "files", 0, "etag"], NO_TEXTS],
  [["sources", 0, "select"], [null, true, 1, "x", [], [1]]],
  ...["keys", "labels", "excludedLabels"].map((name) =>
    [["sources", 0, "select"], NO_RANGES.map((value) => ({ [name]: value }))] as Wrong[number]
  ),
  ...["minPerLabel", "sample", "seed", "maxPerLabel", "limit"].map((name) =>
    [["sources", 0, "select"], NO_COUNTS.map((value) => ({ [name]: value }))] as Wrong[number]
  ),
  [["sources", 0, "images"], NO_COUNTS.slice(1)],
  [["sources", 0, "labelSpan"], NO_COUNTS.slice(1)],
  [["sources", 0, "counted"], NO_COUNTS.slice(1)],
  [["sources", 0, "guessed"], [null, 0, "true", {}]],
  [["sources", 0, "datasets"], [null, 1, {}, "", [null], [1]]],
  [["sources", 0, "datasets", 0, "path"], NO_TEXTS],
  [["sources", 0, "datasets", 0, "layout"], NO_VALUES],
  [["sources", 0, "datasets", 0, "layout", "kind"], [...NO_TEXTS, "other", "__proto__"]],
  [["sources", 0, "datasets", 0, "layout", "record0"], [...NO_TEXTS, "other"]],
  ...["identityRecords", "images", "backwardRanges", "unnamedRecords", "repeatedImages"].map((name) =>
    [["sources", 0, "datasets", 0, "layout", name], NO_COUNTS] as Wrong[number]
  ),
  [["sources", 0, "datasets", 0, "layout", "rounded"], NO_VALUES],
  ...[["identityRecords", "stored"], ["images", "found"]].flatMap(([of, which]) =>
    [
      [["sources", 0, "datasets", 0, "layout", "rounded", of], NO_VALUES],
      [["sources", 0, "datasets", 0, "layout", "rounded", of, which], [...NO_VALUES, [1, 2, 3]]],
      [["sources", 0, "datasets", 0, "layout", "rounded", of, which, 0], NO_COUNTS],
    ] as Wrong
  ),
  [["sources", 0, "datasets", 0, "records"], NO_COUNTS],
  [["sources", 0, "datasets", 0, "chosen"], [
    ...NO_VALUES,
    ...NO_COUNTS.map((images) => ({ ...CHOSEN, images })),
    ...NO_RANGES.flatMap((ranges) => [{ ...CHOSEN, absentLabels: ranges }, { ...CHOSEN, absentKeys: ranges }]),
    ...[null, 1, {}, [null], [{ ...CHOSEN.partial[0], of: "ids" }], [{ ...CHOSEN.partial[0], range: [1] }]]
      .map((partial) => ({ ...CHOSEN, partial })),
    ...NO_COUNTS.map((found) => ({ ...CHOSEN, partial: [{ ...CHOSEN.partial[0], found }] })),
  ]],
  [["sources", 0, "datasets", 0, "duplicateKeys"], NO_COUNTS],
  [["sources", 0, "datasets", 0, "property"], NO_TEXTS],
  [["sources", 0, "datasets", 0, "labelList"], NO_VALUES],
  [["sources", 0, "datasets", 0, "labelList", "path"], NO_TEXTS],
  [["sources", 0, "datasets", 0, "labelList", "by"], [...NO_TEXTS, "other"]],
  ...["labelsALine", "otherKeys"].map((name) =>
    [["sources", 0, "datasets", 0, "labelList", name], NO_COUNTS] as Wrong[number]
  ),
  [["sources", 0, "datasets", 0, "images"], NO_VALUES],
  [["sources", 0, "datasets", 0, "images", "from"], [...NO_TEXTS, "other"]],
  [["sources", 0, "datasets", 0, "images", "named"], [null, 0, "true", {}]],
  ...["labels", "labelsALine"].map((name) =>
    [["sources", 0, "datasets", 0, "images", name], NO_COUNTS] as Wrong[number]
  ),
  [["sources", 0, "datasets", 0, "images", "left"], NO_VALUES],
  [["sources", 0, "datasets", 0, "images", "left", "count"], NO_COUNTS],
  [["sources", 0, "datasets", 0, "images", "left", "first"], [null, 1, "a", {}, [1]]],
];

const WRONG_HEADER: Wrong = [
  [["version"], [null, 0, 1, 3, "4", {}]],
  [["alone"], [null, 0, "true", {}]],
  // The offsets of a task are words, counted from its start.
  [["taskBytes"], [...NO_COUNTS, 0, 2 ** 32 + 1, 1e15]],
  ...WRONG_PLAN.map(([path, values]) => [["plan", ...path], values] as Wrong[number]),
];

const WRONG_PART: Wrong = [
  [["source"], [...NO_COUNTS, 2, 1e15]],
  ...["images", "bytes", "multiPartImages"].map((name) => [[name], NO_COUNTS] as Wrong[number]),
  [["labels"], [
    ...NO_TEXTS,
    "x",
    "5..",
    "..7",
    "5...7",
    "5,,6",
    "5,",
    " 5",
    "5-7",
    "1e3",
    "0x10",
    "5.5",
    "+5",
    "Infinity",
  ]],
  // Fewer than none, more than there are images, not to be told apart.
  [["labels"], ["7..5", "0..3", "0..999999999999999", "1,2,3,4", "9007199254740992..9007199254740994"]],
  [["kinds"], NO_VALUES],
  [["kinds", "counts"], NO_VALUES],
  // Each image has one kind of payload.
  [["kinds", "counts", "jpeg"], [...NO_VALUES, { images: 1, first: { number: 0, offset: 0 }, value: 30 }]],
  [["kinds", "counts", "other"], [{ images: 1, first: { number: 0, offset: 0 }, value: 30 }]],
  [["kinds", "counts", "fraction-label", "images"], NO_COUNTS],
  [["kinds", "counts", "fraction-label", "value"], NO_NUMBERS],
  [["kinds", "counts", "fraction-label", "first"], NO_VALUES],
  ...["number", "offset", "key"].map((name) =>
    [["kinds", "counts", "fraction-label", "first", name], NO_COUNTS] as Wrong[number]
  ),
  [["kinds", "ends"], NO_VALUES],
  ...["number", "offset", "key", "identity"].map((name) =>
    [["kinds", "ends", "first", name], NO_COUNTS] as Wrong[number]
  ),
  [["kinds", "ends", "first", "label"], NO_NUMBERS],
  [["kinds", "ends", "last", "identity"], NO_COUNTS],
  [["kinds", "ends", "last", "label"], NO_NUMBERS],
  [["lost"], [null, 1, {}, "x", [null], [1], [[]]]],
  [["lost", 0, "number"], [...NO_COUNTS, 28.5, 29, 1e15]],
  [["lost", 0, "images"], [...NO_COUNTS, 0, 22, 1e15]],
  [["lost", 0, "lastOffset"], NO_COUNTS],
  [["lost", 0, "problem"], NO_VALUES],
  [["lost", 0, "problem", "kind"], [...NO_TEXTS, "other", "__proto__", "constructor"]],
  [["lost", 0, "problem", "offset"], NO_COUNTS],
  [["lost", 0, "problem", "position"], NO_COUNTS],
  [["lost", 0, "problem", "value"], [...NO_VALUES, "1", "nan"]],
  [["lost", 0, "problem", "nextFrame"], NO_COUNTS],
  [["unindexed"], [null, 1, {}, "x", [-1], [0.5], ["1"], [null]]],
  [["stream"], NO_VALUES],
  [["stream", "datasets"], [null, 1, {}, "x", [null], [1]]],
  [["stream", "datasets", 0, "records"], NO_COUNTS],
  [["stream", "labelSpan"], NO_COUNTS],
  [["stream", "mixedLabels"], [null, 1, {}, "x", [null], [1], [{ images: 1, value: 3 }]]],
];

const WRONG_TASK: Wrong = [
  [["first"], NO_COUNTS],
  [["parts"], [null, 1, {}, "x", [], [null], [1], [[]]]],
  [["receipts"], [null, true, 1, {}, "x", [null], [1], ["x"]]],
  [["receipts", 0], [null, { path: null }, { path: {} }, { path: [1] }, { path: true }]],
  [["goesOn"], [null, false, 1, "true"]],
  ...WRONG_PART.map(([path, values]) => [["parts", 0, ...path], values] as Wrong[number]),
];

/** The line with another value in it; one without the field where that is undefined. */
function withValue(line: unknown, path: (string | number)[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const copy = Array.isArray(line) ? line.slice() : { ...line as object };
  (copy as Record<string | number, unknown>)[name] = withValue(
    (line as Record<string | number, unknown>)[name],
    rest,
    value,
  );
  return copy;
}

const signedValue = (line: unknown) => signed(JSON.stringify(line));
/** As journals have it: JSON knows no NaN. */
const FULL = JSON.parse(JSON.stringify({
  ...LOST,
  parts: [{ ...LOST_PART, stream: STREAM_PART.stream }],
  receipts: TASKS[0].receipts,
}));
FULL.parts[0].lost[0].problem.value = "NaN";

Deno.test("parseJournal: a header with a field of the wrong kind says nothing", () => {
  assertEquals(parseJournal(signedValue(HEADER))?.header, HEADER);
  const optional = new Set(["property", "labelList", "rounded", "etag", "select", "chosen"]);
  for (const [path, values] of WRONG_HEADER) {
    const isOptional = optional.has(`${path.at(-1)}`) || path.join(".").endsWith("datasets.0.images");
    for (const value of isOptional ? values : [undefined, ...values]) {
      const what = `${path.join(".")}: ${JSON.stringify(value)}`;
      assertEquals(parseJournal(signedValue(withValue(HEADER, path, value))), undefined, what);
    }
  }
});

Deno.test("parseJournal: what is chosen, and what was, is read as it was written", () => {
  const select = { labels: [[-3, 5], [9, 9]], keys: [[1, 2]], sample: 3, seed: 0, limit: 7 };
  const first = { ...PLAN.sources[0], select, datasets: [{ ...PLAN.sources[0].datasets[0], chosen: CHOSEN }] };
  const header = { ...HEADER, plan: { ...PLAN, sources: PLAN.sources.with(0, first as never) } };
  assertEquals(parseJournal(signedValue(header))?.header, header);
});

Deno.test("parseJournal: a task with a field of the wrong kind, range or size does not count", () => {
  const tasksOf = (line: unknown) => parseJournal(join([journalLine(HEADER), signedValue(line)]))?.tasks;
  assertEquals(tasksOf(FULL)?.length, 1);
  const optional = new Set([
    "goesOn",
    "lost",
    "unindexed",
    "stream",
    "nextFrame",
    "mixedLabels",
    "ends",
    "key",
    "other",
  ]);
  for (const [path, values] of WRONG_TASK) {
    for (const value of optional.has(`${path.at(-1)}`) ? values : [undefined, ...values]) {
      const what = `${path.join(".")}: ${JSON.stringify(value)}`;
      assertEquals(tasksOf(withValue(FULL, path, value)), [], what);
    }
  }
  // What is lost has a place only among images whose number is known.
  const unknown = headerLine({ ...PLAN, sources: PLAN.sources.toReversed() }, true, 1024);
  const task = { ...FULL, parts: [{ ...FULL.parts[0], source: 1, stream: undefined }] };
  assertEquals(parseJournal(join([journalLine(unknown), signedValue(task)]))?.tasks, []);
});

Deno.test("parseJournal: other lines with a field of the wrong kind do not count", () => {
  const before = [journalLine(HEADER), journalLine(TASKS[0])];
  const expected = parseJournal(join(before))!;
  const unchanged = (line: unknown) => {
    const bytes = join([...before, signedValue(line)]);
    assertEquals(parseJournal(bytes), { ...expected, length: bytes.length }, JSON.stringify(line));
  };
  for (const value of [undefined, ...NO_COUNTS]) {
    unchanged({ forget: value, from: 0 });
    unchanged({ forget: 0, from: value });
  }
  for (const value of [undefined, null, false, 1, "true", {}]) unchanged({ complete: value });
  for (const [path, values] of WRONG_PLAN) {
    for (const value of values) unchanged({ cleared: withValue(PLAN, path, value) });
  }
  // Tasks name their sources by number, so there are as many as before.
  unchanged({ cleared: { ...PLAN, sources: PLAN.sources.slice(1) } });
  for (const value of [null, true, 1, "x", [], {}, [TASKS[1]], { __proto__: TASKS[1] }]) unchanged(value);
});

Deno.test("parseJournal: names that mean something to JavaScript are names like others", () => {
  const hostile = `{"__proto__":${JSON.stringify(TASKS[1])},"constructor":1}`;
  assertEquals(parseJournal(join([journalLine(HEADER), signed(hostile)]))?.tasks, []);
  const receipt = JSON.stringify({ ...TASKS[1], receipts: undefined }).replace(
    /\}$/,
    ',"receipts":[{"__proto__":1,"toString":2}]}',
  );
  const tasks = parseJournal(join([journalLine(HEADER), signed(receipt)]))?.tasks;
  assertEquals(tasks?.length, 1);
  assertEquals(Object.getPrototypeOf(tasks![0].receipts[0]), Object.prototype);
  assertEquals(parseJournal(signed('{"__proto__":' + JSON.stringify(HEADER) + "}")), undefined);
  assertEquals(parseJournal(signed("[".repeat(10_000))), undefined);
});

Deno.test("labelRanges: neighbours are joined, and labelsOfRanges reads all of it", () => {
  const cases: [number[], string][] = [
    [[], ""],
    [[5], "5"],
    [[7, 5, 6, 13, -3, -2], "-3..-2,5..7,13"],
    [[2 ** 24, 1e20, Math.fround(3.4e38)], `16777216,100000000000000000000,${BigInt(Math.fround(3.4e38))}`],
    // Neighbours that are no more told apart.
    [[2 ** 53, 2 ** 53 + 2], "9007199254740992,9007199254740994"],
  ];
  for (const [labels, text] of cases) {
    assertEquals(labelRanges(Float64Array.from(labels)), text);
    assertEquals([...labelsOfRanges(text)], labels.toSorted((a, b) => a - b));
    const part = { ...PARTS[0], images: labels.length, kinds: kindsOf(labels.length), labels: text };
    const line = { ...TASKS[0], parts: [part] };
    assertEquals(parse(HEADER, line)?.tasks, [line]);
  }
});

Deno.test("labelsOfRanges: a range that nobody wrote costs nothing until it is read", () => {
  const part = { ...PARTS[0], images: 1e15, kinds: kindsOf(1e15), labels: "0..999999999999999" };
  const line = { ...TASKS[0], parts: [part] };
  assertEquals(parse(HEADER, line)?.tasks, [line]);
  const labels = labelsOfRanges(part.labels)[Symbol.iterator]();
  assertEquals([labels.next().value, labels.next().value], [0, 1]);
});
