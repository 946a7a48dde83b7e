import { assertEquals, assertThrows } from "@std/assert";
import { DatasetIndex } from "../../src/dataset/dataset_index.ts";
import type { LabelList } from "../../src/dataset/label_list.ts";
import type { Layout } from "../../src/dataset/layout.ts";
import { cutTasks } from "../../src/dataset/plan.ts";
import { readLabelList } from "../../src/dataset/read_label_list.ts";
import { Runs } from "../../src/dataset/runs.ts";
import { UnrecError } from "../../src/errors.ts";
import { MemorySource, readNow, SlowSource } from "../bytes/sources.ts";
import { readAll } from "../../src/bytes/reading.ts";
import { seededRandom } from "../write_dataset.ts";

function runsOf(numbers: Iterable<number>): Runs {
  const runs = new Runs();
  for (const number of numbers) runs.append(number, 1);
  return runs;
}

/** A flat dataset with records of 100 bytes; all but some of its rows are images that can be read. */
function datasetOf(keys: number[], { numbers }: { numbers?: number[] } = {}): { index: DatasetIndex; layout: Layout } {
  const index = new DatasetIndex(Float64Array.from(keys, (_, row) => row * 100), runsOf(keys), true, 0);
  const order = numbers === undefined ? runsOf(keys.keys()) : runsOf(numbers.keys());
  const layout: Layout = {
    ...{ kind: "flat", record0: "missing", identityRecords: 0, images: keys.length, backwardRanges: 0 },
    ...{ unnamedRecords: 0, repeatedImages: 0, order, missing: [], lostIdentities: [], lostRecord0: false },
    firstIdentity: 0,
    numbers: numbers && runsOf(numbers),
    identityNumbers: new Float64Array(),
  };
  return { index, layout };
}

/** The labels of a list in reading order, after a look at whether tasks get the same. */
function labelsOf(text: string | Uint8Array, dataset = datasetOf([0, 1, 2])): { labels: number[]; list: LabelList } {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const list = readNow(readLabelList("list.txt", dataset.index, dataset.layout), new MemorySource(bytes, "list.txt"));
  const labels = Array.from(list, ({ label }) => label);
  const options = { fileBytes: 100 * dataset.index.rows, taskBytes: 250, maxGap: 0, firstNumber: 0 };
  const tasks = list.addedTo(cutTasks(dataset.index, dataset.layout.order, options));
  assertEquals(Array.from(tasks, ({ listedLabels }) => [...listedLabels!]).flat(), labels);
  return { labels, list };
}

for (
  const [name, text, facts] of [
    ["key, name and label, as DCFace has it", "0\ta/0.jpg\t7\n1\ta/1.jpg\t8\n2\tb/0.jpg\t9\n", ["key", 1]],
    ["its lines in any order", "2\tb/0.jpg\t9\n0\ta/0.jpg\t7\n1\ta/1.jpg\t8\n", ["key", 1]],
    ["the .lst of im2rec", "0\t7.000000\ta/0.jpg\n1\t8.000000\ta/1.jpg\n2\t9.000000\tb/0.jpg\n", ["key", 1]],
    ["a .lst with several labels", "0\t7\t0.5\t1\ta/0.jpg\n1\t8\t1\t1\ta/1.jpg\n2\t9\t0\t1\t12\n", ["key", 3]],
    ["a .lst in which some names are numbers", "0\t7\t1\n1\t8\tx.jpg\n2\t9\t2\n", ["key", 1]],
    ["key and label", "0\t7\n1\t8\n2\t9\n", ["key", 1]],
    ["path and label, in reading order", "a/0.jpg 7\na/1.jpg 8\nb/0.jpg 9\n", ["place", 1]],
    ["path and several labels", "a/0.jpg\t7\t1\na/1.jpg\t8\t0\nb/0.jpg\t9\t0\n", ["place", 2]],
    ["the list that InsightFace packs", "1\ta/0.jpg\t7\n1\ta/1.jpg\t8\n1\tb/0.jpg\t9\n", ["place", 1]],
    ["spaces between", "0 a/0.jpg 7\n 1  a/1.jpg   8 \n2 b/0.jpg 9", ["key", 1]],
    ["names with spaces, between tabs", "0\ta 0.jpg\t7\n1\ta 1.jpg\t8\n2\tb 0\t9\n", ["key", 1]],
    ["CR LF, and no last line feed", "0\ta\t7\r\n1\tb\t8\r\n2\tc\t9", ["key", 1]],
    ["a byte order mark", "\ufeff0\ta\t7\n1\tb\t8\n2\tc\t9\n", ["key", 1]],
    ["a heading", "key\tname\tlabel\n0\ta\t7\n1\tb\t8\n2\tc\t9\n", ["key", 1]],
    ["a byte order mark and a heading", "\ufeffpath label\na 7\nb 8\nc 9\n", ["place", 1]],
    ["blank lines", "\n0\ta\t7\n\n \t\n1\tb\t8\n2\tc\t9\n\n\n", ["key", 1]],
    ["numbers as numpy writes them", "0\t7.000000000000000000e+00\n1\t8.0\n2\t+9e0\n", ["key", 1]],
    ["a line twice that says the same", "0\ta\t7\n0\ta\t7\n1\tb\t8\n2\tc\t9\n", ["key", 1]],
  ] as [string, string, ["key" | "place", number]][]
) {
  Deno.test(`readLabelList: ${name}`, () => {
    const { labels, list: { facts: { by, labelsALine, otherKeys } } } = labelsOf(text);
    assertEquals([labels, [by, labelsALine], otherKeys], [[7, 8, 9], facts, 0]);
  });
}

for (
  const [name, text, why] of [
    ["nothing", "", "there is no label in it"],
    ["blank lines only", "\n\r\n \n", "there is no label in it"],
    ["a heading only", "key\tname\tlabel\n", "there is no label in it"],
    ["no label", "0\ta\n1\tb\n2\tc\n", 'line 1, "0\\ta", has no label; a list has lines of key and label'],
    ["one column", "7\n8\n9\n", 'line 1, "7", has one column'],
    ["words in two columns", "a\tx\t7\nb\ty\t8\nc\tz\t9\n", 'line 1, "a\\tx\\t7", has words in 2 columns'],
    ["numbers only", "0\t0\t7\n1\t1\t8\n2\t2\t9\n", "has 3 numbers, and nothing tells which is the key"],
    ["a label that is a fraction", "0\ta\t7\n1\tb\t8.5\n2\tc\t9\n", "line 2 has a label that is no whole number"],
    ["a label that is a word", "0\ta\t7\n\n1\tb\t8\n2\tc\tnan\n", "line 1, "],
    ["a label beyond all numbers", "0\ta\t7\n1\tb\t8\n2\tc\t1e300\n", "line 3 has a label that is no whole number"],
    ["a key that is a fraction", "0.5\ta\t7\n1\tb\t8\n2\tc\t9\n", "line 1 has a key that is no whole number from 0 on"],
    ["a key below 0", "-1\ta\t7\n1\tb\t8\n2\tc\t9\n", "line 1 has a key that is no whole number from 0 on"],
    [
      "two labels for a key",
      "0\ta\t7\n1\tb\t8\n2\tc\t9\n1\tb\t7\n",
      "line 4 gives key 1 the label 7, and a line before it",
    ],
    [
      "an image without a label",
      "0\ta\t7\n2\tc\t9\n",
      "it has none for 1 of 3 images; the first of them has the key 1",
    ],
    ["another number of columns", "0\ta\t7\n1\tb\n2\tc\t9\n", "line 2 has 2 columns, and line 1 has 3"],
    ["a path with spaces", "a.jpg 7\nb c.jpg 8\nd.jpg 9\n", "line 2 has 3 columns, and line 1 has 2"],
    ["too few lines", "a 7\nb 8\n", "it has 2 lines for 3 images"],
    ["too many lines", "a 7\nb 8\nc 9\nd 9\n", "it has 4 lines for 3 images"],
    ["CR only", "0\ta\t7\r1\tb\t8\r2\tc\t9\r", "line 1, "],
    ["a picture", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "Cannot take labels from list.txt: "],
  ] as const
) {
  Deno.test(`readLabelList: ${name} is refused`, () => {
    const error = assertThrows(() => labelsOf(text), UnrecError, why);
    assertEquals(error.message.startsWith("Cannot take labels from list.txt: "), true, error.message);
  });
}

Deno.test("readLabelList: a line longer than any is refused, whatever comes after it", () => {
  const bytes = new Uint8Array(3 * 2 ** 20).fill(0x61);
  assertThrows(() => labelsOf(bytes), UnrecError, "line 1 is longer than any line of a list");
  bytes.set(new TextEncoder().encode("0 a 7\n"), 0);
  assertThrows(() => labelsOf(bytes), UnrecError, "line 2 is longer than any line of a list");
});

Deno.test("readLabelList: after the first lines too, a line of another form is named", () => {
  const keys = Array.from({ length: 1000 }, (_, key) => key);
  const lines = keys.map((key) => `${key}\tname\t${key % 10}`);
  assertEquals(labelsOf(lines.join("\n"), datasetOf(keys)).labels, keys.map((key) => key % 10));
  assertThrows(
    () => labelsOf(lines.with(900, "900\tname").join("\n"), datasetOf(keys)),
    UnrecError,
    "line 901 has 2 col",
  );
  assertThrows(
    () => labelsOf(lines.with(900, "900\t5\tx").join("\n"), datasetOf(keys)),
    UnrecError,
    "line 901 has a label",
  );
});

Deno.test("readLabelList: keys that the index does not have are counted", () => {
  const { labels, list } = labelsOf("0\ta\t7\n5\ta\t1\n1\tb\t8\n2\tc\t9\n4294967296\tc\t1\n");
  assertEquals([labels, list.facts.otherKeys], [[7, 8, 9], 2]);
  assertEquals([list.labelOfRow(1), list.labelOfRow(7)], [8, undefined]);
});

Deno.test("readLabelList: without keys, an image that cannot be read has its line too", () => {
  // Of five images those with the numbers 0, 2 and 4 can be read.
  const { index, layout } = datasetOf([10, 11, 12], { numbers: [0, 2, 4] });
  const { labels } = labelsOf("a 7\nb 1\nc 8\nd 1\ne 9\n", { index, layout: { ...layout, images: 5 } });
  assertEquals(labels, [7, 8, 9]);
});

Deno.test("readLabelList: keys in any order, as many bytes at once as come, and the same labels", async () => {
  const random = seededRandom(9);
  const keys = Array.from({ length: 3000 }, (_, i) => i * 3 + Math.floor(random() * 3));
  const dataset = datasetOf(keys.toSorted(() => random() - 0.5));
  const text = new TextEncoder().encode(keys.map((key) => `${key}\tname\t${key % 17}`).join("\n"));
  const { labels } = labelsOf(text, dataset);
  assertEquals(labels, Array.from({ length: 3000 }, (_, row) => dataset.index.keys.at(row) % 17));
  for (const most of [1, 7, 1000]) {
    const reading = readLabelList("list.txt", dataset.index, dataset.layout);
    const list = await readAll(reading, new SlowSource(text, most));
    assertEquals(Array.from(list, ({ label }) => label), labels);
  }
});
