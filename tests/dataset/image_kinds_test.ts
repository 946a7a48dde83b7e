import { assertEquals } from "@std/assert";
import {
  type ImageKind,
  KindCounter,
  type KindCounts,
  KindSum,
  type TaskKinds,
} from "../../src/dataset/image_kinds.ts";
import type { RecordView } from "../../src/recordio/record_view.ts";
import { viewOf } from "../recordio/view_of.ts";
import { seededRandom } from "../write_dataset.ts";

const JPEG = [0xff, 0xd8, 0xff, 0xe0, 5, 6, 0xff, 0xd9];

interface Image {
  label: number | number[];
  payload?: number[];
  identity?: number;
  listed?: number;
}

/** Images in the order of the file; their numbers and keys too, unless numbers are given. */
function viewsOf(images: Image[], numbers = images.map((_, i) => i)): RecordView[] {
  return images.map(({ label, payload = JPEG, identity, listed }, i) => {
    const view = viewOf(label, numbers[i], Uint8Array.from(payload));
    view.offset = 100 * i;
    view.identity = identity;
    view.listedLabel = listed;
    return view;
  });
}

function count(views: RecordView[]): TaskKinds {
  const counter = new KindCounter();
  for (const view of views) counter.add(view);
  return structuredClone(counter.kinds);
}

function sum(...tasks: TaskKinds[]): KindCounts {
  const all = new KindSum();
  for (const task of tasks) all.add(task);
  return all.counts;
}

/** How many of each kind, the key of the first one, and what makes it so. */
function figures(counts: KindCounts): Partial<Record<ImageKind, [number, number | undefined, number]>> {
  return Object.fromEntries(
    Object.entries(counts).map(([kind, { images, first, value }]) => [kind, [images, first.key, value]]),
  );
}

for (
  const [what, images, expected] of [
    ["nothing is odd", [{ label: 3 }, { label: [4, 1] }, { label: [2 ** 24] }], { jpeg: [3, 0, 8] }],
    [
      "labels are counted by what is odd about them",
      [{ label: 3 }, { label: -2 }, { label: [0.5] }, { label: -0.5 }, { label: 2 ** 25 }, { label: [7, 8, 9] }],
      {
        "jpeg": [6, 0, 8],
        "negative-label": [1, 1, -2],
        "fraction-label": [2, 2, 0.5],
        "large-label": [1, 4, 2 ** 25],
        "several-labels": [1, 5, 3],
      },
    ],
    [
      "a vector and its first number are counted apart",
      [{ label: [-1, 0, 1] }, { label: [2, 5, 1, 0.1, 0.1, 0.5, 0.5] }],
      {
        "jpeg": [2, 0, 8],
        "several-labels": [1, 0, 3],
        "negative-label": [1, 0, -1],
        "detection-labels": [1, 1, 7],
      },
    ],
    [
      "payloads",
      [{ label: 1, payload: [] }, { label: 1, payload: [1, 2] }, { label: 1 }, { label: 1, payload: [1] }],
      { jpeg: [1, 2, 8], raw: [2, 1, 2], empty: [1, 0, 0] },
    ],
    [
      "labels of a list are not looked at, nor what stands in the header then",
      [{ label: [0.5, 3, 3], listed: -1, identity: 7 }, { label: 9, listed: 0.5, identity: 7 }],
      { jpeg: [2, 0, 8] },
    ],
    [
      "labels that change within an identity record, and such that do with it",
      [[1, 7], [1, 7], [2, 8], [2, 9], [3, 9], [3, 9], [2, 9]].map(([label, identity]) => ({ label, identity })),
      { "jpeg": [7, 0, 8], "mixed-labels": [2, 4, 9] },
    ],
    [
      "labels that share a folder are the same",
      [[0.25, 7], [0.75, 7], [-0.5, 7]].map(([label, identity]) => ({ label, identity })),
      { "jpeg": [3, 0, 8], "fraction-label": [3, 0, 0.25] },
    ],
  ] as [string, Image[], unknown][]
) {
  Deno.test(`KindCounter: ${what}`, () => {
    const views = viewsOf(images);
    assertEquals(figures(sum(count(views))), expected);
    // An image a task, the last ones first.
    assertEquals(figures(sum(...views.map((view) => count([view])).reverse())), expected);
  });
}

Deno.test("KindCounter: the first one is the first in reading order", () => {
  const images = [{ label: 0.5 }, { label: 1.5 }, { label: 2.5 }, { label: 3 }];
  assertEquals(figures(sum(count(viewsOf(images, [9, 5, 7, 1])))), {
    "jpeg": [4, 1, 8],
    "fraction-label": [3, 5, 1.5],
  });
});

Deno.test("KindSum: whatever the cuts are, and in whatever order tasks come, the sum is the same", () => {
  const random = seededRandom(6);
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)];
  for (let i = 0; i < 200; i++) {
    let identity = 100;
    const images = Array.from({ length: 40 }, (): Image => ({
      label: pick<number | number[]>(1, 1, 1, 1, 2, -3, 0.5, 2 ** 26, [1, 0], [1, 2, 3]),
      payload: pick(JPEG, JPEG, [], [1]),
      identity: i % 4 === 0 ? undefined : identity += pick(0, 0, 0, 1),
    }));
    const numbers = images.map((_, at) => i % 3 === 0 ? (at * 17) % 40 : at);
    const views = viewsOf(images, numbers);
    const whole = sum(count(views));
    const tasks: TaskKinds[] = [];
    for (let from = 0; from < views.length;) {
      const to = from + 1 + Math.floor(random() * (i % 10 + 1));
      tasks.push(count(views.slice(from, to)));
      from = to;
    }
    tasks.sort(() => random() - 0.5);
    // A task whose images are all lost has none.
    assertEquals(sum(...tasks, count([])), whole);
    // What a journal keeps is the same.
    assertEquals(sum(...tasks.map((task) => JSON.parse(JSON.stringify(task)))), whole);
  }
});
