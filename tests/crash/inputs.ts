import { WHY_NO_PARQUET } from "../sink/parquet/why_no_parquet.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";
import { finish } from "./processes.ts";

/** What is decoded under attack, and what must come of it. */
export interface Target {
  /** What it is called. */
  name: string;
  /** The arguments of a run. */
  args(output: string): string[];
  /** Whether it is read from front to back. */
  isArchive: boolean;
  /** In how many shares it is written, if in shares. */
  shares?: number;
  /** What is finished when all shares are there, if that is not the output folder itself. */
  whole?(output: string): string;
  /** The tree of a run that was left alone. */
  tree: string[];
  /** The files that such a run kept of an archive. */
  kept?: string[];
}

/**
 * Makes datasets and an archive, and decodes each once, in peace.
 *
 * @param folder Where.
 */
export async function makeInputs(folder: string): Promise<Target[]> {
  for (const [name, firstLabel] of [["a", 3], ["b", 0]] as const) {
    const bytes: [number, number] = [100, 900];
    const options = { identities: 40, images: 1500, bytes, record0: "first" as const, firstLabel, seed: firstLabel };
    writeDataset(`${folder}/${name}`, faces(options));
  }
  await Deno.writeFile(`${folder}/both.tgz`, makeTar({ from: folder, names: ["a", "b"] }));
  const large = { identities: 6, images: 60, bytes: [7e5, 9e5] as [number, number], record0: "first" as const };
  writeDataset(`${folder}/large`, faces(large));
  const both = `--include=${folder}/a,${folder}/b`;
  const archive = `--include=${folder}/both.tgz`;
  const targets: Target[] = [
    { name: "two datasets", args: (output) => [both, `--output=${output}`], isArchive: false, tree: [] },
    { name: "relabelled", args: (output) => [both, `--output=${output}`, "--relabel"], isArchive: false, tree: [] },
    { name: "named anew", args: (output) => [both, `--output=${output}`, NAME], isArchive: false, tree: [] },
    { name: "in shares", args: (output) => [both, `--output=${output}`], isArchive: false, shares: 5, tree: [] },
    {
      name: "shards in shares",
      args: (output) => [both, `--output=${output}`, "--format=webdataset", "--shard-images=100", "--index=wids"],
      isArchive: false,
      shares: 3,
      tree: [],
    },
    {
      name: "an archive",
      args: (output) => [archive, `--output=${output}`, `--keep-rec=${output}.kept`],
      isArchive: true,
      tree: [],
      kept: [],
    },
    {
      name: "WebDataset of an archive",
      args: (output) => [archive, `--output=${output}`, "--format=webdataset", "--shard-images=400"],
      isArchive: true,
      tree: [],
    },
    {
      name: "WebDataset",
      args: (output) => [both, `--output=${output}`, "--format=webdataset", "--shard-images=200", "--index=wids,dali"],
      isArchive: false,
      tree: [],
    },
  ];
  const shuffled = ["--format=webdataset", "--shard-images=100", "--shuffle=5"];
  targets.push({
    name: "WebDataset, shuffled",
    args: (output) => [both, `--output=${output}`, ...shuffled],
    isArchive: false,
    tree: [],
  }, {
    name: "WebDataset, shuffled in shares",
    args: (output) => [both, `--output=${output}`, ...shuffled],
    isArchive: false,
    shares: 3,
    tree: [],
  }, {
    name: "records, shuffled",
    args: (output) => [both, `--output=${output}`, "--format=rec", "--layout=flat", "--shuffle"],
    isArchive: false,
    tree: [],
  });
  const pieces = (name: string, options: string[]): Target => ({
    name: `${name} in shares`,
    args: (output) => [`--include=${folder}/large`, `--output=${output}`, `--list=${output}/list.tsv`, ...options],
    isArchive: false,
    shares: 3,
    tree: [],
  });
  targets.push(
    pieces("records", ["--format=rec"]),
    pieces("shuffled records", ["--format=rec", "--layout=flat", "--shuffle"]),
    {
      ...pieces("a tar archive", []),
      args: (output) => [`--include=${folder}/large`, `--output=${output}/tree.tar`, "--format=tar"],
      whole: (output) => `${output}/tree.tar`,
    },
  );
  const { code, stderr } = await finish([`--include=${folder}/a`, `--output=${folder}/tree`]);
  if (code !== 0) throw new Error(`Cannot make a folder of images: ${stderr}`);
  for (const format of ["webdataset", "rec"]) {
    targets.push({
      name: `${format} of a folder of images`,
      args: (output) => [`--include=${folder}/tree`, `--output=${output}`, `--format=${format}`],
      isArchive: false,
      tree: [],
    });
  }
  for (const layout of ["identity", "flat"]) {
    targets.push({
      name: `records, ${layout}`,
      args: (output) => [both, `--output=${output}`, "--format=rec", `--layout=${layout}`],
      isArchive: false,
      tree: [],
    });
  }
  if (WHY_NO_PARQUET === undefined) {
    targets.push({
      name: "Parquet, shuffled",
      args: (output) => [both, `--output=${output}`, "--format=parquet", "--shard-images=200", "--shuffle"],
      isArchive: false,
      tree: [],
    });
    targets.push({
      name: "Parquet",
      args: (output) => [both, `--output=${output}`, "--format=parquet", "--shard-images=200"],
      isArchive: false,
      tree: [],
    });
  }
  for (const target of targets) {
    const output = `${folder}/whole`;
    if (target.whole !== undefined) Deno.mkdirSync(output);
    const { code, stderr } = await finish(target.args(output));
    if (code !== 0) throw new Error(`Cannot decode ${target.name} in peace: ${stderr}`);
    target.tree = treeOf(output);
    if (target.kept !== undefined) {
      target.kept = treeOf(`${output}.kept`);
      Deno.removeSync(`${output}.kept`, { recursive: true });
    }
    Deno.removeSync(output, { recursive: true });
  }
  return targets;
}

const NAME = "--name={label:06}/{number}.{ext}";
