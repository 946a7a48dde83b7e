/** Parquet files of images, read by others. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { decode } from "../../../src/decode/decode.ts";
import { UnrecError } from "../../../src/errors.ts";
import { parquet } from "../../../src/sink/parquet.ts";
import { openDataset } from "../../../src/source/dataset_source.ts";
import { testUnless } from "../../needs.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { DATA, expectedTree } from "../../tree.ts";
import { writeDataset } from "../../write_dataset.ts";
import { DUCKDB, HYPARQUET } from "./content.ts";
import { WHY_NO_PARQUET } from "./why_no_parquet.ts";

/** Writes all images of a dataset. Returns the path of the one file. */
async function writeParquet(dataset: string, folder: string): Promise<string> {
  using source = await openDataset(dataset);
  await decode([source], await parquet(folder), { jobs: 1 });
  return `${folder}/data/train-00000-of-00001.parquet`;
}

/** Images of one byte each over and over, in a flat dataset with their places as labels. */
function makeImages(folder: string, sizes: readonly number[]): void {
  writeDataset(folder, sizes.map((size, i) => ({ key: i, label: i, image: new Uint8Array(size).fill(i + 1) })));
}

testUnless(WHY_NO_PARQUET ?? HYPARQUET.whyNot, "a Parquet file has what Hugging Face looks for", async () => {
  using folder = temporaryFolder();
  const path = await writeParquet(`${DATA}/glint_mini`, folder.path);
  const [{ rows, schema, metadata, groups, codecs, encodings }] = await HYPARQUET.read([path]);
  assertEquals(rows.map(([sum, path]) => `${sum}  ${path}`).sort(), expectedTree("glint_mini").sort());
  assertEquals(rows.map(([_, path]) => Number(/_(\d+)\.jpg$/.exec(path)![1])), rows.map((_, i) => i));
  assertEquals(rows.map(([_, path, label]) => path.startsWith(`id_${label}/`)), rows.map(() => true));
  assertEquals(schema, [
    { name: "schema", repetition_type: "REQUIRED", num_children: 2 },
    { name: "image", repetition_type: "OPTIONAL", num_children: 2 },
    { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
    { name: "path", type: "BYTE_ARRAY", repetition_type: "OPTIONAL", converted_type: "UTF8" },
    { name: "label", type: "INT64", repetition_type: "OPTIONAL" },
  ]);
  // As `datasets` 5.0.1 wrote it for such columns.
  const features =
    '{"info": {"features": {"image": {"_type": "Image"}, "label": {"dtype": "int64", "_type": "Value"}}}}';
  assertEquals(metadata, { huggingface: features });
  assertEquals([groups.length, codecs, encodings], [1, ["UNCOMPRESSED"], ["PLAIN"]]);
});

testUnless(WHY_NO_PARQUET ?? DUCKDB.whyNot ?? HYPARQUET.whyNot, "DuckDB reads the same rows", async () => {
  using folder = temporaryFolder();
  makeImages(`${folder.path}/large`, [20e6, 0, 9e6, 3e6, 31e6, 7]);
  const paths: string[] = [];
  for (const dataset of [`${DATA}/glint_mini`, `${DATA}/multipart`, `${folder.path}/large`]) {
    paths.push(await writeParquet(dataset, `${folder.path}/${paths.length}`));
  }
  const theirs = await DUCKDB.read(paths);
  assertEquals(theirs.map(({ rows }) => rows.length), [82, 31, 6]);
  assertEquals(theirs.map(({ rows }) => rows), (await HYPARQUET.read(paths)).map(({ rows }) => rows));
});

testUnless(WHY_NO_PARQUET ?? HYPARQUET.whyNot, "row groups take up to 30 MB, or hold one image", async () => {
  using folder = temporaryFolder();
  const sizes = [10e6, 19_999_872, 1, 29_999_872, 31e6, 1, 29_999_806, 1, 1];
  makeImages(`${folder.path}/images`, sizes);
  const path = await writeParquet(`${folder.path}/images`, `${folder.path}/a`);
  const [{ rows, groups }] = await HYPARQUET.read([path]);
  assertEquals(groups.map(({ rows }) => rows), [2, 1, 1, 1, 3, 1]);
  for (const { bytes } of groups) assert(bytes < 31_001_000, `${bytes} bytes`);
  const sums = sizes.map((size, i) => createHash("sha256").update(new Uint8Array(size).fill(i + 1)).digest("hex"));
  assertEquals(rows, sums.map((sum, i) => [sum, `id_${i}/${i}_${i}.jpg`, i]));
});

testUnless(
  WHY_NO_PARQUET ?? HYPARQUET.whyNot,
  "labels that the column cannot hold are refused, with the key",
  async () => {
    using folder = temporaryFolder();
    let count = 0;
    const write = (label: number) => {
      const image = Uint8Array.of(0xff, 0xd8);
      writeDataset(`${folder.path}/in`, [{ key: 3, label: 1, image }, { key: 7, label, image }]);
      return writeParquet(`${folder.path}/in`, `${folder.path}/${count++}`);
    };
    for (const label of [0.25, -0.5, 2 ** 63, -(2 ** 63), 2 ** 100]) {
      const { message } = await assertRejects(() => write(label), UnrecError);
      assertEquals(
        message,
        `Cannot write the record of key 7, at byte 36, as Parquet: its label is ${label}, and the column holds whole ` +
          "numbers of 64 bits",
      );
    }
    for (const label of [-1, 2 ** 24, 2 ** 62]) {
      const [{ rows }] = await HYPARQUET.read([await write(label)]);
      assertEquals(rows.map(([_, path, label]) => [path, label]), [
        ["id_1/1_0.jpg", 1],
        [`id_${BigInt(label)}/${BigInt(label)}_1.jpg`, label],
      ]);
    }
  },
);
