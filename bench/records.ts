/**
 * `--format=rec`: a dataset of 200,000 images of 5,000 identities (1.2 GB) written as records again, against `cat` of the
 * same bytes; and the same images packed from a folder of files, against `tar` of that folder.
 *
 *     deno task measure bench/records.ts [ROUNDS]
 *
 * All files lie in memory (/dev/shm; about 5 GB of it). Times are those of whole processes. The programs take turns, each
 * round begins with another one, and what the one before wrote is removed first.
 */
import { RUN } from "../tests/run_unrec.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { type ProcessTimes, runProcess } from "./run_process.ts";
import { hasMemoryFiles, Scratch } from "./scratch.ts";

const IMAGES = 200_000;
const IDENTITIES = 5_000;

function main(rounds: number): void {
  if (!hasMemoryFiles()) console.log("There is no /dev/shm here: a disk is measured along with the rest.");
  using scratch = new Scratch();
  const [dataset, tree, output] = ["dataset", "tree", "output"].map((name) => `${scratch.path}/${name}`);
  writeDataset(dataset, faces({ identities: IDENTITIES, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  const unrec = (include: string, ...options: string[]) => [
    ...[Deno.execPath(), ...RUN, `--include=${include}`, "--quiet"],
    ...options,
  ];
  runProcess(unrec(dataset, `--output=${tree}`));
  const bytes = Deno.statSync(`${dataset}/train.rec`).size;
  const contestants: { name: string; command: string[]; runs: ProcessTimes[] }[] = [
    {
      name: "cat",
      command: ["sh", "-c", `mkdir ${output} && cat ${dataset}/train.rec ${dataset}/train.idx >${output}/both`],
      runs: [],
    },
    { name: "unrec, records to records", command: unrec(dataset, "--format=rec", `--output=${output}`), runs: [] },
    {
      name: "tar of the folder",
      command: ["sh", "-c", `mkdir ${output} && tar -cf ${output}/tar -C ${tree} .`],
      runs: [],
    },
    { name: "unrec, folder to records", command: unrec(tree, "--format=rec", `--output=${output}`), runs: [] },
  ];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, command, runs } = contestants[(round + turn) % contestants.length];
      scratch.remove(output);
      runs.push(runProcess(command));
      console.error(`round ${round + 1}: ${name} ${runs[round].wall.toFixed(2)} s`);
    }
  }
  const rows = contestants.map(({ name, runs }) => {
    const wall = median(runs.map((run) => run.wall));
    const processor = median(runs.map(({ user, system }) => user + system));
    return [name, wall.toFixed(2), processor.toFixed(2), (bytes / wall / 1e9).toFixed(2)];
  });
  console.log(markdownTable(["program", "wall s", "processor s", "GB/s"], rows));
}

main(Number(Deno.args[0] ?? 5));
