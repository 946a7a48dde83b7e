/** Selections: which images are chosen, compared with what a plain filter over all of them leaves. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { drawLabels, labelHash } from "../../../src/dataset/selection/draw_labels.ts";
import { NumberSet, parseRange, rangeText } from "../../../src/dataset/selection/number_ranges.ts";
import { type Selection, selectionDifference } from "../../../src/dataset/selection/selection.ts";
import { UnrecError } from "../../../src/errors.ts";
import type { EngineName } from "../../../src/recordio/types.ts";
import { openDataset } from "../../../src/source/dataset_source.ts";
import { highKeySet } from "../../high_keys.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { copyFolder, DATA } from "../../tree.ts";
import { seededRandom, writeDataset } from "../../write_dataset.ts";

/** What tells an image from others. */
interface Image {
  key: number;
  number: number;
  label: number;
}

/** What is chosen by the book: one condition after the other. */
function chosenOf(images: readonly Image[], selection: Selection): Image[] {
  const within = (ranges: Selection["keys"], number: number) =>
    ranges!.some(([first, last]) => first <= number && number <= last);
  const { keys, labels, excludedLabels, minPerLabel, sample, seed = 0, maxPerLabel, limit } = selection;
  let left = [...images];
  if (keys !== undefined) left = left.filter(({ key }) => within(keys, key));
  if (labels !== undefined) left = left.filter(({ label }) => within(labels, label));
  if (excludedLabels !== undefined) left = left.filter(({ label }) => !within(excludedLabels, label));
  if (minPerLabel !== undefined) {
    left = left.filter(({ label }) => left.filter((other) => other.label === label).length >= minPerLabel);
  }
  if (sample !== undefined) {
    const drawn = new Set(left.map(({ label }) => label)).values().toArray()
      .sort((a, b) => labelHash(a, seed) - labelHash(b, seed)).slice(0, sample);
    left = left.filter(({ label }) => drawn.includes(label));
  }
  if (maxPerLabel !== undefined) {
    left = left.filter((image, i) =>
      left.slice(0, i).filter(({ label }) => label === image.label).length < maxPerLabel
    );
  }
  return left.slice(0, limit);
}

async function imagesOf(folder: string, engine: EngineName, select?: Selection): Promise<Image[]> {
  using dataset = await openDataset(folder, { engine, select });
  const images: Image[] = [];
  for await (const { key, number, label } of dataset.images()) images.push({ key, number, label: Math.trunc(label) });
  images.sort((a, b) => a.number - b.number);
  assertEquals(dataset.imageCount, images.length);
  return images;
}

/** Compares selections at random with what filters over all images leave. */
async function assertChosen(folder: string, engine: EngineName, seed: number): Promise<void> {
  const all = await imagesOf(folder, engine);
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const ranges = (of: "key" | "label") =>
    Array.from({ length: 1 + below(3) }, () => {
      const first = all[below(all.length)][of];
      return [first, first + below(4)] as const;
    });
  const maybe = <Value>(value: () => Value) => random() < 0.3 ? value() : undefined;
  let chosenImages = 0;
  for (let i = 0; i < 200; i++) {
    const select: Selection = {
      keys: maybe(() => [[all[0].key, all[below(all.length)].key] as const, ...ranges("key")]),
      labels: maybe(() => ranges("label")),
      excludedLabels: maybe(() => ranges("label")),
      minPerLabel: maybe(() => 1 + below(4)),
      sample: maybe(() => 1 + below(3)),
      seed: below(100),
      maxPerLabel: maybe(() => 1 + below(4)),
      limit: maybe(() => 1 + below(20)),
    };
    const expected = chosenOf(all, select);
    const { sample = 0 } = select;
    const left = chosenOf(all, { ...select, sample: undefined, maxPerLabel: undefined, limit: undefined });
    if (expected.length === 0 || new Set(left.map(({ label }) => label)).size < sample) {
      await assertRejects(() => imagesOf(folder, engine, select), UnrecError, "Cannot");
    } else {
      assertEquals(await imagesOf(folder, engine, select), expected, JSON.stringify(select));
      chosenImages += expected.length;
    }
  }
  // Most of the selections have to leave something, or nothing was compared.
  assert(chosenImages > 200);
}

const SETS = [
  ...["glint_mini", "header_last", "multipart", "no_identity", "scalar_label", "shared_label", "shuffled"],
  ...["cases/scattered_ids", "cases/rounded_first_down", "cases/rounded_last_up", "cases/fraction_labels"],
];

for (const engine of ["wasm", "ts"] as const) {
  for (const [i, name] of SETS.entries()) {
    Deno.test(`${name}: 200 selections at random choose what filters over all images leave (${engine})`, async () => {
      await assertChosen(`${DATA}/${name}`, engine, i);
    });
  }
}

Deno.test("with skip, images that the index lacks are lost where they may be wanted, and the others chosen", async () => {
  using folder = temporaryFolder();
  const lines = Deno.readTextFileSync(`${DATA}/glint_mini/train.idx`).split("\n");
  copyFolder(`${DATA}/glint_mini`, folder.path);
  const random = seededRandom(3);
  const all = await imagesOf(`${DATA}/glint_mini`, "wasm");
  for (let i = 0; i < 30; i++) {
    const lacking = all.filter(() => random() < 0.3).map(({ key }) => key);
    const kept = lines.filter((line) => !lacking.includes(Number(line.split("\t")[0])));
    Deno.writeTextFileSync(`${folder.path}/train.idx`, kept.join("\n"));
    const first = Math.floor(random() * 18);
    const select: Selection = { labels: [[first, first + 5]], limit: 1 + Math.floor(random() * 12) };
    using dataset = await openDataset(folder.path, { onError: "skip", select });
    // Of an identity record without any image that the index has, nobody knows whose it is: it may be wanted.
    const known = new Set(all.filter(({ key }) => !lacking.includes(key)).map(({ label }) => label));
    const maybe = all.map((image) => known.has(image.label) ? image : { ...image, label: first });
    const expected = chosenOf(maybe, select);
    const found: number[] = [];
    for await (const { number } of dataset.images()) found.push(number);
    const numbersOf = (images: Image[]) => images.map(({ number }) => number);
    assertEquals(found.sort((a, b) => a - b), numbersOf(expected.filter(({ key }) => !lacking.includes(key))));
    assertEquals(dataset.imageCount, expected.length);
    const lost = Array.from((await dataset.loss([], 0))?.lostImages() ?? [], ({ number }) => number);
    assertEquals(lost, numbersOf(expected.filter(({ key }) => lacking.includes(key))));
  }
});

Deno.test("keys that float32 rounds: an image at a border is chosen by its own label", async () => {
  using folder = temporaryFolder();
  const random = seededRandom(5);
  for (let i = 0; i < 8; i++) {
    const sizes = Array.from({ length: 6 }, () => 3 + Math.floor(random() * 8));
    const path = `${folder.path}/${i}`;
    writeDataset(path, highKeySet({ start: [2 ** 24 - 15, 2 ** 25 - 15][i % 2] + i, sizes }).records);
    await assertChosen(path, i % 3 === 0 ? "ts" : "wasm", i);
  }
});

Deno.test("what is asked for and not there is named; a range that is there in part is taken, and told", async () => {
  const refused = async (select: Selection) =>
    (await assertRejects(() => openDataset(`${DATA}/glint_mini`, { select }), UnrecError)).message
      .replace(`${DATA}/glint_mini/train.rec`, "IT");
  assertEquals(await refused({ labels: [[3, 3], [99, 99]] }), "Cannot choose the label 99: no image of IT has it");
  assertEquals(
    await refused({ labels: [[99, 99], [100, 200], [3, 3]] }),
    "Cannot choose the labels 99, 100-200: no image of IT has these",
  );
  // Keys of record 0 and of identity records are no keys of images.
  assertEquals(await refused({ keys: [[0, 0]] }), "Cannot choose the key 0: no image of IT has it");
  assertEquals(await refused({ keys: [[83, 106]] }), "Cannot choose the keys 83-106: no image of IT has these");
  assertEquals(
    await refused({ labels: [[3, 3]], excludedLabels: [[0, 5]] }),
    "Cannot choose images of IT: none is left by all that is asked for",
  );
  assertEquals(
    await refused({ sample: 25 }),
    "Cannot draw 25 people of IT: there are only 24 to draw from",
  );
  using dataset = await openDataset(`${DATA}/glint_mini`, { select: { labels: [[20, 30]], keys: [[70, 90]] } });
  assertEquals(dataset.facts.chosen, {
    images: 13,
    absentLabels: [],
    absentKeys: [],
    partial: [{ of: "labels", range: [20, 30], found: 4 }, { of: "keys", range: [70, 90], found: 13 }],
  });
});

Deno.test("labelHash is MurmurHash3 as others have it", () => {
  // mmh3.hash(struct.pack("<d", label), seed, signed=False)
  assertEquals(labelHash(0, 0), labelHash(-0, 0));
  assertEquals([labelHash(0, 0), labelHash(1, 0), labelHash(360231, 0), labelHash(-3, 4294967295)], [
    1669671676,
    4152582287,
    4108793476,
    2553518014,
  ]);
});

Deno.test("drawLabels: the same ones in any order, fewer ones among more, others with another seed", () => {
  const labels = Array.from({ length: 1000 }, (_, label) => label);
  const drawn = (count: number, seed: number) => drawLabels(labels.toReversed(), count, seed).sort((a, b) => a - b);
  assertEquals(drawn(100, 7), drawLabels(labels, 100, 7).sort((a, b) => a - b));
  const hundred = new Set(drawn(100, 7));
  assertEquals(drawn(10, 7).every((label) => hundred.has(label)), true);
  assertEquals(drawn(100, 8).filter((label) => hundred.has(label)).length < 30, true);
});

Deno.test("parseRange: numbers and ranges, below 0 too, and nothing else", () => {
  for (const text of ["7", "0-999", "-3", "-3--1", "-3-5"]) assertEquals(rangeText(parseRange(text)!), text);
  for (const text of ["", "-", "1-", "a", "1.5", "5-3", "1--", "1-2-3", " 1", "9007199254740993", "0x10"]) {
    assertEquals(parseRange(text), undefined, text);
  }
});

Deno.test("NumberSet: has and counts what ranges in any order have", () => {
  const set = new NumberSet([[8, 9], [-2, 1], [0, 4], [5, 5], [20, 20]]);
  assertEquals(set.ranges, [[-2, 5], [8, 9], [20, 20]]);
  const members = [-2, -1, 0, 1, 2, 3, 4, 5, 8, 9, 20];
  for (let number = -5; number < 25; number++) {
    assertEquals(set.has(number), members.includes(number), `${number}`);
    assertEquals(set.countUpTo(number), members.filter((member) => member <= number).length, `${number}`);
  }
});

Deno.test("selectionDifference: names the first condition that differs", () => {
  const labels = [[0, 9], [12, 12]] as const;
  assertEquals(selectionDifference({ labels, limit: 3 }, { labels: [...labels], limit: 3 }, "of it"), undefined);
  assertEquals(
    selectionDifference({ labels }, { labels: [[0, 9]] }, "of it"),
    "the choice of labels of it was 0-9,12 and is 0-9",
  );
  assertEquals(selectionDifference({}, { limit: 5 }, "of it"), "the largest number of images of it was none and is 5");
  const many = Array.from({ length: 100 }, (_, i) => [2 * i, 2 * i] as const);
  assertEquals(selectionDifference({ keys: many }, {}, "of it"), "the choice of keys of it is another");
});
