/**
 * What the journal costs: a dataset of 200,000 images of 5,000 identities (1.2 GB) to the folder tree in memory
 * (/dev/shm, about 4 GB), with two jobs, with and without a journal; and how long a second run of the same command
 * takes to say that all is there.
 *
 *     deno task measure bench/journal.ts [ROUNDS]
 *
 * Whole processes are timed. Those with and without take turns, each round begins with the other one, and the median of
 * the rounds' ratios is what is wanted below 1.03.
 *
 * With a folder, `deno task measure bench/journal.ts 3 /mnt/disk`, the tree goes there, and the cost of `--fsync` is measured
 * as well, which in memory is nothing.
 */
import { fileURLToPath } from "node:url";
import { decode, folderTree, openDataset, type SinkStore } from "../src/mod.ts";
import { temporaryFolder } from "../tests/temporary_folder.ts";
import { faces, writeDataset } from "../tests/write_dataset.ts";
import { RUN } from "../tests/run_unrec.ts";

const IMAGES = 200_000;
const MOST = 1.03;

/** The ways of a run, as arguments of this program when it is the one that is timed. */
const WAYS = ["without", "with"] as const;

async function main(rounds: number, disk: string | undefined): Promise<void> {
  using memory = temporaryFolder("/dev/shm");
  const dataset = `${memory.path}/dataset`;
  writeDataset(dataset, faces({ identities: 5_000, images: IMAGES, bytes: [4000, 8000], record0: "first" }));
  using place = temporaryFolder(disk ?? "/dev/shm");
  const output = `${place.path}/tree`;
  const ways = disk === undefined ? WAYS : [...WAYS, "fsync"];
  const seconds = new Map<string, number[]>(ways.map((way) => [way, []]));
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const way = ways[(turn + round + 1) % ways.length];
      const taken = await timed([...RUN.slice(0, -1), fileURLToPath(import.meta.url), "once", way, dataset, output]);
      // The first round compiles and warms up.
      if (round >= 0) seconds.get(way)!.push(taken);
      await Deno.remove(output, { recursive: true });
    }
  }
  for (const [way, taken] of seconds) {
    console.log(`${way.padEnd(8)} ${median(taken).toFixed(3)} s, median of ${rounds}`);
  }
  const ratios = seconds.get("with")!.map((taken, round) => taken / seconds.get("without")![round]);
  console.log(`with / without ${median(ratios).toFixed(3)}, at most ${MOST} wanted`);

  const command = [...RUN, `--include=${dataset}`];
  await timed([...command, `--output=${output}`]);
  console.log(`Already complete: ${(await timed([...command, `--output=${output}`])).toFixed(2)} s`);
}

async function timed(args: string[]): Promise<number> {
  const begin = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return (performance.now() - begin) / 1000;
}

async function once(way: string, path: string, output: string): Promise<void> {
  using dataset = await openDataset(path);
  const tree = folderTree(output, { fsync: way === "fsync" });
  await decode([dataset], way === "without" ? withoutJournal(tree) : tree, {
    jobs: 2,
    fsync: way === "fsync",
    checkSpace: way !== "without",
  });
}

/** The same tree for a run that knows no folder to keep a journal in. */
function withoutJournal(tree: SinkStore): SinkStore {
  return {
    format: tree.format,
    output: undefined,
    spec: tree.spec,
    form: tree.form,
    asks: tree.asks,
    tellsNumbers: tree.tellsNumbers,
    cut: tree.cut,
    check: () => {},
    open: () => tree.open(),
    prepare: () => tree.prepare(),
    entries: () => [],
    holds: () => false,
    clear: () => Promise.resolve(),
    space: () => ({ images: 0, bytes: 0, inodes: 0, subfolders: 0, otherNames: undefined }),
  };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  if (first === "once") await once(rest[0], rest[1], rest[2]);
  else await main(Math.max(1, Number(first ?? 15)), rest[0]);
}
