/** The words of `unrec info` without a terminal: of what is known, and of the width of the lines. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { infoJson, infoNotes, infoText, type SourceSummary } from "../../src/cli/info_summary.ts";
import type { DatasetFacts } from "../../src/dataset/dataset.ts";
import type { SourceInfo } from "../../src/info/dataset_info.ts";
import { distributionOf } from "../../src/info/distribution.ts";

const FACTS: DatasetFacts = {
  path: "big/train.rec",
  layout: {
    ...{ kind: "identity", record0: "first", identityRecords: 416_042, images: 17_091_657 },
    ...{ backwardRanges: 0, unnamedRecords: 0, repeatedImages: 0 },
  },
  records: 17_507_700,
  duplicateKeys: 0,
  property: "360232,112,112",
};

const JPEG = { images: 1000, first: { number: 0, offset: 40, key: 1 }, value: 8000 };

/** Glint360K, with changes. */
function summary(info: Partial<SourceInfo> = {}, facts: Partial<DatasetFacts> = {}): SourceSummary {
  // Of 100 people 10 have one image, 60 have 40, and 30 have 100.
  const imagesPerLabel = distributionOf(Array.from({ length: 100 }, (_, i) => i < 10 ? 1 : i < 70 ? 40 : 100))!;
  return {
    path: "big/train.rec",
    kind: "dataset",
    bytes: 136_724_350_172,
    beside: { verificationSets: [{ path: "big/lfw.bin", bytes: 65_000_000 }], labelLists: [] },
    error: undefined,
    info: {
      datasets: [{ ...FACTS, ...facts }],
      images: 17_091_657,
      looked: {
        images: 1000,
        bytes: 8_000_000,
        kinds: { jpeg: JPEG },
        sizes: [{ width: 112, height: 112, images: 1000 }],
      },
      isAll: false,
      labels: { labels: 360_232, lowest: 0, highest: 360_231, gaps: 0, absent: 0, imagesPerLabel },
      labelBasis: "identity-records",
      lostImages: 0,
      problem: undefined,
      ...info,
    },
  };
}

const AGAIN = "unrec info --include=big --all";
const textOf = (info?: Partial<SourceInfo>, facts?: Partial<DatasetFacts>, width?: number) =>
  infoText(summary(info, facts), AGAIN, width);

/** The value of a row; undefined if there is no such row. */
function row(name: string, info?: Partial<SourceInfo>, facts?: Partial<DatasetFacts>): string | undefined {
  const line = textOf(info, facts).split("\n").find((line) => line.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trimStart();
}

Deno.test("infoText: a large set of which some images were looked at", () => {
  assertEquals(textOf().split("\n"), [
    "dataset:            big/train.rec",
    "known as:           Glint360K: as many images, identity records and lines of the index",
    "layout:             identity, record 0 first",
    "records:            17,507,700",
    "identity records:   416,042",
    "images:             17,091,657",
    "bytes:              136,724,350,172 (136.7 GB)",
    "people (labels):    360,232, from 0 to 360,231, without a gap",
    "images per person:  1 to 100, median 40, mean 54.1",
    "  1:                10",
    "  2 to 3:           0",
    "  4 to 7:           0",
    "  8 to 15:          0",
    "  16 to 31:         0",
    "  32 to 63:         60",
    "  64 to 127:        30",
    "image kinds:        1,000 JPEG",
    "pixels:             112 x 112, all",
    "looked at:          1,000 images spread over the set, and the first image of each identity record for its label; all " +
    `with: ${AGAIN}`,
    "property:           360232,112,112: true",
    "verification sets:  big/lfw.bin (65 MB)",
    "lists of labels:    none beside it",
  ]);
});

Deno.test("infoText: bars fill the terminal's width and no more; too narrow for any, there are none", () => {
  for (let width = 1; width < 120; width++) {
    const lines = textOf({}, {}, width).split("\n").filter((line) => line.startsWith("  "));
    const bars = lines.map((line) => line.replaceAll(/[^━]/g, "").length);
    const widest = Math.max(...bars);
    assertEquals(lines.map((line) => line.replace(/━+ /, "")), [
      ...["  1:                10", "  2 to 3:           0", "  4 to 7:           0", "  8 to 15:          0"],
      ...["  16 to 31:         0", "  32 to 63:         60", "  64 to 127:        30"],
    ]);
    assertEquals(widest, Math.max(0, Math.min(40, width - 24)), `${width}`);
    if (widest === 0) continue;
    assert(lines.every((line) => line.length < width), lines.join("\n"));
    assertEquals([bars[1], bars[0] > 0, bars[6]], [0, true, Math.max(1, Math.round(widest / 2))]);
  }
});

Deno.test("infoText: labels that were not counted, that have gaps, that are not there, that all have as many images", () => {
  const { labels } = summary().info;
  assertEquals(
    row("people (labels)", { labelBasis: "sample" }),
    "not counted; from 0 to 360,231 in the images looked at",
  );
  assertEquals(row("images per person", { labelBasis: "sample" }), undefined);
  assertEquals(
    row("people (labels)", { labels: { ...labels!, gaps: 1, absent: 1 } }),
    "360,232, from 0 to 360,231, with 1 gap: 1 number that no image has",
  );
  assertEquals(row("people (labels)", { labels: undefined }), "none");
  const even = textOf({ labels: { ...labels!, imagesPerLabel: distributionOf([4, 4])! } });
  assertStringIncludes(even, "images per person:  4 each\nimage kinds:");
});

Deno.test("infoText: kinds and sizes, the commonest first", () => {
  const looked = {
    images: 1000,
    bytes: 1,
    kinds: { png: { ...JPEG, images: 3 }, jpeg: { ...JPEG, images: 997 } },
    sizes: [900, 60, 20, 10, 5].map((images, i) => ({ width: 112, height: 112 + i, images })),
  };
  assertEquals(row("image kinds", { looked }), "997 JPEG, 3 PNG");
  assertEquals(
    row("pixels", { looked }),
    "900 of 112 x 112, 60 of 112 x 113, 20 of 112 x 114, 15 of 2 other sizes, 5 that tell no size",
  );
  assertEquals(row("pixels", { looked: { ...looked, sizes: [] } }), "not known");
  assertEquals(row("image kinds", { looked: { images: 0, bytes: 0, kinds: {}, sizes: [] } }), "none");
  assertEquals(row("looked at", { isAll: true }), "all images");
});

Deno.test("infoText: what property says that is not true", () => {
  const wrong =
    "93431,112,96: not true: 93,431 classes, and the highest label is 360,231; 96 x 112 pixels, and images have " +
    "other sizes";
  assertEquals(row("property", {}, { property: "93431,112,96" }), wrong);
  assertEquals(row("property", {}, { property: "faces" }), "faces: not true: it names no number of classes");
  assertEquals(row("property", { labelBasis: "sample" }), "360232,112,112: true as far as it is known");
  assertEquals(row("property", {}, { property: undefined }), undefined);
  const labels = { ...summary().info.labels!, lowest: -2 };
  assertEquals(row("property", { labels }), "360232,112,112: not true: 360,232 classes, and the lowest label is -2");
});

Deno.test("infoText: several datasets of an archive have their rows, and no verdict on what property says", () => {
  const { info } = summary();
  const text = infoText(
    {
      ...summary(),
      kind: "archive",
      bytes: undefined,
      beside: undefined,
      info: { ...info, datasets: [{ ...FACTS, path: "a" }, { ...FACTS, path: "b", property: undefined, records: 5 }] },
    },
    AGAIN,
  );
  const rows = text.split("\n").filter((line) => /^(dataset|known as|property|bytes|verification sets):/.test(line));
  assertEquals(rows, [
    "dataset:            a",
    "known as:           Glint360K: as many images, identity records and lines of the index",
    "property:           360232,112,112",
    "dataset:            b",
    "known as:           no published set that unrec knows",
    "bytes:              not known",
  ]);
});

Deno.test("infoText: what is odd about an index and its identity records, and only that", () => {
  const layout = { ...FACTS.layout, backwardRanges: 1, repeatedImages: 2, unnamedRecords: 3 };
  const text = textOf({ lostImages: 5 }, { layout, duplicateKeys: 4 });
  for (
    const line of [
      "keys given twice:   4",
      "backward ranges:    1",
      "images named twice: 2",
      "records not named:  3",
      "not readable:       5",
    ]
  ) assert(text.split("\n").includes(line), `${line}\n${text}`);
});

Deno.test("infoNotes: odd labels, among how many images; kinds of images are told in the text", () => {
  const kinds = { png: JPEG, "several-labels": { ...JPEG, images: 7, value: 5 } };
  const looked = { ...summary().info.looked, kinds };
  const note =
    "big/train.rec has 7 images with labels of several numbers (5 in the first), of which the first is taken " +
    "for the class; first key 1";
  assertEquals(infoNotes(summary({ looked })), [`Among 1,000 images looked at, ${note}`]);
  assertEquals(infoNotes(summary({ looked, isAll: true })), [note]);
  const labelList = { path: "list.txt", by: "place", labelsALine: 1, otherKeys: 0 } as const;
  assertEquals(infoNotes(summary({}, { labelList })).length, 1);
});

Deno.test("infoJson: a source that failed has the same keys as one that is known", () => {
  const { ok, error, sources: [known, failed] } = JSON.parse(
    infoJson([summary(), { path: "x", kind: "dataset", error: "Cannot" }], "ended"),
  );
  assertEquals([ok, error, failed.error, failed.images, known.images], [false, "ended", "Cannot", null, 17_091_657]);
  assertEquals(Object.keys(failed), Object.keys(known));
  const sample = JSON.parse(infoJson([summary({ labelBasis: "sample" })]));
  assertEquals([sample.ok, sample.sources[0].labels], [true, {
    ...{ basis: "sample", count: null, lowest: 0, highest: 360_231, gaps: null, absent: null, imagesPerLabel: null },
  }]);
  assertEquals(JSON.parse(infoJson([])).ok, true);
});
