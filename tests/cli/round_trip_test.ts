/**
 * From records to a folder of images, from that to every format, and back: every image, label and place, as readers tell
 * that have no part in writing.
 */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { testUnless, whyNotRun } from "../needs.ts";
import { readTar } from "../read_tar.ts";
import { ORACLE } from "../recordio/oracle.ts";
import { runUnrec } from "../run_unrec.ts";
import { HYPARQUET } from "../sink/parquet/content.ts";
import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { EXPECTED, expectedTree, includeOf, treeOf } from "../tree.ts";

/** An image as a reader tells it. */
type Image = [sha256: string, label: number];

/** A format, and how its files are read by somebody else. */
interface Trip {
  format: string;
  options: string[];
  whyNot?: string;
  read(output: string): Image[] | Promise<Image[]>;
}

const NO_PYTHON = whyNotRun("python3", "-c", "import struct");

/** The images of a `train.rec`, as arcface_torch takes them. */
function readRecords(output: string): Image[] {
  return ORACLE.train(output).map(({ sha256, labels: [label] }) => [sha256, label]);
}

const TRIPS: Trip[] = [
  { format: "webdataset", options: ["--shard-images=9"], read: readShards },
  { format: "parquet", options: ["--shard-images=20"], whyNot: WHY_NO_PARQUET ?? HYPARQUET.whyNot, read: readParquet },
  { format: "rec", options: ["--layout=identity"], whyNot: NO_PYTHON, read: readRecords },
  { format: "rec", options: ["--layout=flat"], whyNot: NO_PYTHON, read: readRecords },
];

/** The files in a folder whose names end so, in order. */
function filesIn(folder: string, ending: string): string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => `${folder}/${name}`);
}

function readShards(output: string): Image[] {
  const members = filesIn(output, ".tar").flatMap((path) => readTar(Deno.readFileSync(path)));
  return Array.from({ length: members.length / 2 }, (_, i) => {
    const [label, image] = members.slice(2 * i, 2 * i + 2);
    assertEquals([label.name, image.name], ["cls", "jpg"].map((field) => `${String(i).padStart(9, "0")}.${field}`));
    return [createHash("sha256").update(image.bytes).digest("hex"), Number(new TextDecoder().decode(label.bytes))];
  });
}

async function readParquet(output: string): Promise<Image[]> {
  const contents = await HYPARQUET.read(filesIn(`${output}/data`, ".parquet"));
  return contents.flatMap(({ rows }) => rows.map(([sum, , label]): Image => [sum, label]));
}

/** The images of a tree as lines of `sha256sum`, by label and by number. */
function imagesOf(tree: readonly string[]): Image[] {
  return tree.map((line) => {
    const [, label, number] = /id_(\d+)\/\d+_(\d+)\.jpg$/.exec(line)!.map(Number);
    return { sum: line.slice(0, 64), label, number };
  }).sort((a, b) => a.label - b.label || a.number - b.number).map(({ sum, label }) => [sum, label]);
}

for (const name of EXPECTED) {
  for (const { format, options, whyNot, read } of TRIPS) {
    testUnless(
      whyNot,
      `${name}, as a folder of images, to ${[format, ...options].join(" ")}: every image, both engines, any --jobs`,
      async () => {
        using folder = temporaryFolder();
        const { path } = folder;
        const succeed = async (...args: string[]) => {
          const { code, stderr } = await runUnrec(...args, "--quiet");
          assertEquals(code, 0, stderr);
        };
        await succeed(`--include=${includeOf(name)}`, `--output=${path}/tree`);
        const images = imagesOf(expectedTree(name));
        let first: string[] | undefined;
        for (const [engine, jobs] of [["wasm", 1], ["ts", 2], ["wasm", 5]]) {
          const output = `${path}/${jobs}`;
          await succeed(
            ...[`--include=${path}/tree`, `--output=${output}`, `--format=${format}`, ...options],
            ...[`--engine=${engine}`, `--jobs=${jobs}`, "--chunk-size=8K"],
          );
          if (first === undefined) assertEquals(await read(output), images);
          first ??= treeOf(output);
          assertEquals(treeOf(output), first);
        }
        if (format !== "rec") return;
        await succeed(`--include=${path}/5`, `--output=${path}/back`);
        assertEquals(imagesOf(treeOf(`${path}/back`)), images);
        await succeed(`--include=${path}/back`, `--output=${path}/again`, "--format=rec", ...options);
        assertEquals(treeOf(`${path}/again`), first);
      },
    );
  }
}
