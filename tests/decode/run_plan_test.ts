import { assertEquals } from "@std/assert";
import { resolve } from "node:path";
import { differenceOf, type PlannedSource, planOf, type RunPlan } from "../../src/decode/run_plan.ts";
import { DatasetPlace } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { writeDataset } from "../write_dataset.ts";

const source = (path: string, more: Partial<PlannedSource> = {}): PlannedSource => ({
  kind: "dataset",
  path,
  files: [{ name: "records", size: 100, time: "2026-01-01T00:00:00.000Z" }, { name: "index", size: 10, time: null }],
  images: 5,
  labelSpan: null,
  counted: null,
  guessed: false,
  datasets: [],
  ...more,
});

/** The source with another fact of its file. */
const with0 = (path: string, fact: { size?: number | null; time?: string | null }) => {
  const [records, index] = source(path).files;
  return source(path, { files: [{ ...records, ...fact }, index] });
};

const PLAN: RunPlan = {
  format: "folder",
  form: { "name template": "a" },
  relabel: false,
  sources: [source("/a"), source("/b")],
};

for (
  const [name, now, difference] of [
    ["the same", PLAN, undefined],
    ["another format", { ...PLAN, format: "list" }, [undefined, "what is written was folder and is list"]],
    ["other names", { ...PLAN, form: { "name template": "b" } }, [undefined, "the name template was a and is b"]],
    ["no names", { ...PLAN, form: {} }, [undefined, "the name template was a and is unknown"]],
    ["something else that decides", { ...PLAN, form: { ...PLAN.form, size: "9" } }, [
      undefined,
      "the size was unknown and is 9",
    ]],
    ["shifted labels", { ...PLAN, relabel: true }, [undefined, "whether labels are shifted was false and is true"]],
    ["fewer sources", { ...PLAN, sources: [source("/a")] }, [undefined, "the number of sources was 2 and is 1"]],
    ["another kind", { ...PLAN, sources: [source("/a"), source("/b", { kind: "archive" })] }, [
      undefined,
      "the kind of source 2 was dataset and is archive",
    ]],
    ["another number of parts", { ...PLAN, sources: [source("/a"), source("/b", { files: [] })] }, [
      undefined,
      "the number of files of source 2 was 2 and is 0",
    ]],
    ["a source that was moved is the same", { ...PLAN, sources: [source("/a"), source("/elsewhere")] }, undefined],
    ["a file of another size where it was", { ...PLAN, sources: [source("/a"), with0("/b", { size: 90 })] }, [
      1,
      "the size of the records of source 2 was 100 and is 90",
    ]],
    ["a file of another time where it was", { ...PLAN, sources: [with0("/a", { time: "2026" }), source("/b")] }, [
      0,
      "the time of the records of source 1 was 2026-01-01T00:00:00.000Z and is 2026",
    ]],
    ["a file that is gone", { ...PLAN, sources: [source("/a"), with0("/b", { size: null, time: null })] }, [
      1,
      "the size of the records of source 2 was 100 and is unknown",
    ]],
    ["a file of another size elsewhere", { ...PLAN, sources: [source("/a"), with0("/elsewhere", { size: 90 })] }, [
      undefined,
      "the size of the records of source 2 was 100 and is 90",
    ]],
    ["a mended one, and another one elsewhere", {
      ...PLAN,
      sources: [with0("/a", { size: 90 }), with0("/elsewhere", { size: 80 })],
    }, [undefined, "the size of the records of source 2 was 100 and is 80"]],
    ["two mended ones: the first", { ...PLAN, sources: [with0("/a", { size: 90 }), with0("/b", { size: 80 })] }, [
      0,
      "the size of the records of source 1 was 100 and is 90",
    ]],
    ["other images in files that look the same", { ...PLAN, sources: [source("/a"), source("/b", { images: 6 })] }, [
      1,
      "the number of images of source 2 was 5 and is 6",
    ]],
    ["other labels", { ...PLAN, sources: [source("/a", { labelSpan: 8 }), source("/b")] }, undefined],
    [
      "nothing is known yet of the images",
      { ...PLAN, sources: [source("/a", { images: null }), source("/b")] },
      undefined,
    ],
    ["what is guessed, or known of datasets, does not matter", {
      ...PLAN,
      sources: [source("/a", { guessed: true }), source("/b")],
    }, undefined],
  ] as [string, RunPlan, [number | undefined, string] | undefined][]
) {
  Deno.test(`differenceOf: ${name}`, () => {
    const found = differenceOf(PLAN, now);
    assertEquals(found && [found.changed, found.what], difference);
  });
}

Deno.test("differenceOf: labels count where both are known", () => {
  const before = { ...PLAN, sources: [source("/a", { labelSpan: 8 }), source("/b")] };
  const now = { ...PLAN, sources: [source("/a", { labelSpan: 9 }), source("/b")] };
  assertEquals(differenceOf(before, now), { changed: 0, what: "the number of labels of source 1 was 8 and is 9" });
});

Deno.test("differenceOf: how many images have a label counts where both are known", () => {
  const plan = (counted: number | null) => ({ ...PLAN, sources: [source("/a"), source("/b", { counted })] });
  const what = "the number of images with a label of source 2 was 5 and is 4";
  assertEquals(differenceOf(plan(5), plan(4)), { changed: 1, what });
  assertEquals([differenceOf(plan(null), plan(4)), differenceOf(plan(5), plan(null))], [undefined, undefined]);
});

Deno.test("planOf: what is known before anything is opened", () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, [{ key: 1, label: 1, image: new Uint8Array(4) }]);
  const place = new DatasetPlace(`${folder.path}/./train.rec`);
  const plan = planOf({ format: "folder", form: { x: "y" } }, [place], true);
  const { path, files, ...rest } = plan.sources[0];
  assertEquals([plan.format, plan.form, plan.relabel], ["folder", { x: "y" }, true]);
  assertEquals(path, resolve(`${folder.path}/train.rec`));
  assertEquals(files, place.facts());
  assertEquals(rest, { kind: "dataset", images: null, labelSpan: null, counted: null, guessed: false, datasets: [] });
});
