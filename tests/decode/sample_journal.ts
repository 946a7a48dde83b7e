/** Lines of a journal that have all there can be in one. */
import { type HeaderLine, headerLine, type PartLine, type TaskLine } from "../../src/decode/journal_lines.ts";
import type { RunPlan } from "../../src/decode/run_plan.ts";

/** A dataset and an archive. */
export const PLAN: RunPlan = {
  format: "folder",
  form: { "name template": "{number}" },
  relabel: true,
  sources: [{
    kind: "dataset",
    path: "/data/faces/train.rec",
    files: [{ name: "records", size: 5000, time: "2026-01-01T00:00:00.000Z" }, { name: "index", size: 60, time: null }],
    images: 30,
    labelSpan: 8,
    counted: 29,
    guessed: false,
    datasets: [{
      path: "/data/faces/train.rec",
      layout: {
        kind: "identity",
        record0: "first",
        identityRecords: 3,
        images: 30,
        backwardRanges: 0,
        unnamedRecords: 0,
        repeatedImages: 0,
        rounded: {
          identityRecords: { stored: [16777216, 16777220], found: [16777217, 16777220] },
          images: { stored: [1, 16777216], found: [1, 16777217] },
        },
      },
      records: 34,
      duplicateKeys: 0,
      property: "3,112,112",
      labelList: { path: "/data/list.txt", by: "key", labelsALine: 1, otherKeys: 0 },
      images: {
        from: "folder",
        labels: 3,
        named: true,
        labelsALine: 1,
        left: { count: 1, first: ["/data/notes.txt"] },
      },
    }],
  }, {
    kind: "archive",
    path: "/data/b.tar",
    files: [{ name: "part 1", size: null, time: null }],
    images: null,
    labelSpan: null,
    counted: null,
    guessed: true,
    datasets: [],
  }],
};

/** The first line. */
export const HEADER: HeaderLine = headerLine(PLAN, true, 1024);

/** The kinds of images that are all JPEG. */
export function kindsOf(images: number): PartLine["kinds"] {
  return { counts: images === 0 ? {} : { jpeg: { images, first: { number: 0, offset: 0, key: 1 }, value: 30 } } };
}

/** What finished tasks have of the dataset. */
export const PARTS: PartLine[] = [0, 1, 2].map((i) => ({
  source: 0,
  images: 3,
  bytes: 90,
  kinds: {
    counts: {
      "jpeg": { images: 2, first: { number: 3 * i, offset: 100 * i, key: 3 * i + 1 }, value: 30 },
      "empty": { images: 1, first: { number: 3 * i + 2, offset: 100 * i + 60 }, value: 0 },
      "fraction-label": { images: 1, first: { number: 3 * i, offset: 100 * i, key: 3 * i + 1 }, value: 5.5 },
    },
    ends: {
      first: { number: 3 * i, offset: 100 * i, key: 3 * i + 1, identity: 31, label: 5.5 },
      last: { identity: 32, label: 7 },
    },
  },
  multiPartImages: 1,
  labels: "5..7",
}));

/** These tasks. */
export const TASKS: TaskLine[] = PARTS.map((part, i) => ({
  first: 3 * i,
  parts: [part],
  receipts: [{ path: `id_7/7_${3 * i + 2}.jpg`, bytes: 30 }],
}));

/** A part that has lost images, and met records that the index lacks. */
export const LOST_PART: PartLine = {
  ...PARTS[0],
  lost: [
    { number: 9, images: 2, problem: { kind: "label", offset: 300, position: 300, value: NaN }, lastOffset: 400 },
    {
      number: 12,
      images: 1,
      problem: { kind: "bad-magic", offset: 600, position: 640, value: 7, nextFrame: 700 },
      lastOffset: 600,
    },
  ],
  unindexed: [340, 380],
};

/** The task of that. */
export const LOST: TaskLine = { first: 9, parts: [LOST_PART], receipts: [], goesOn: true };

/** What a task has of the archive. */
export const STREAM_PART: PartLine = {
  ...PARTS[0],
  source: 1,
  stream: {
    datasets: PLAN.sources[0].datasets,
    labelSpan: 9,
    numbers: 30,
    mixedLabels: [{ images: 2, first: { number: 4, offset: 120, key: 5 }, value: 31 }],
  },
};

/** The task of that. */
export const STREAM: TaskLine = { ...TASKS[0], parts: [STREAM_PART] };

/** A task that has images of both sources: the end of one and the beginning of the other. */
export const JOINT: TaskLine = { ...TASKS[0], first: 28, parts: [PARTS[2], STREAM_PART] };
