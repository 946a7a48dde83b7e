/**
 * Which share of the work this process is to do, as the scheduler that started it says. The names of its variables are
 * those of its manual: sbatch(1) and srun(1), qsub(1) of Grid Engine, "Array jobs" of AWS Batch, "Indexed Job" of
 * Kubernetes, mpirun(1) of Open MPI, and the PMI of MPICH.
 *
 * @module
 */
import { MOST_SHARES, type Share } from "../dataset/share.ts";
import { UsageError } from "./usage_error.ts";

/** What schedulers set in the environment: the value of a variable, undefined if it is not set. */
export type Environment = (name: string) => string | undefined;

/** A share, and who says that it is this one. */
export interface GivenShare {
  /** The share. */
  share: Share;
  /** Where it was taken from, part of a sentence. */
  by: string;
}

/** How a scheduler tells its processes apart. */
interface Scheduler {
  /** What it starts, in words. */
  readonly name: string;
  /** Whether it starts processes inside an element of an array of another one. */
  readonly inner?: true;
  /** Holds the number of the process. */
  readonly index: string;
  /** What {@linkcode index} holds where there are no others. */
  readonly none?: string;
  /** The lowest number that it gives where nobody says so. */
  readonly from: 0 | 1;
  /** Hold the numbers of the first process and the last one, and the step between. */
  readonly range?: { readonly first: string; readonly last: string; readonly step: string };
  /** Holds how many processes there are. */
  readonly count?: string;
  /** Is set where {@linkcode index} is meant; it is set elsewhere too. */
  readonly needs?: string;
}

/** Inner ones: the one that the program itself was started by comes first. */
const SCHEDULERS: readonly Scheduler[] = [
  {
    name: "the Slurm array",
    index: "SLURM_ARRAY_TASK_ID",
    from: 0,
    range: { first: "SLURM_ARRAY_TASK_MIN", last: "SLURM_ARRAY_TASK_MAX", step: "SLURM_ARRAY_TASK_STEP" },
    count: "SLURM_ARRAY_TASK_COUNT",
  },
  {
    name: "the SGE array",
    index: "SGE_TASK_ID",
    none: "undefined",
    from: 1,
    range: { first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST", step: "SGE_TASK_STEPSIZE" },
  },
  {
    name: "the AWS Batch array",
    index: "AWS_BATCH_JOB_ARRAY_INDEX",
    from: 0,
    count: "AWS_BATCH_JOB_ARRAY_SIZE",
  },
  { name: "the Kubernetes Job", index: "JOB_COMPLETION_INDEX", from: 0 },
  { name: "Open MPI", inner: true, index: "OMPI_COMM_WORLD_RANK", from: 0, count: "OMPI_COMM_WORLD_SIZE" },
  { name: "MPI", inner: true, index: "PMI_RANK", from: 0, count: "PMI_SIZE" },
  {
    name: "srun",
    inner: true,
    index: "SLURM_PROCID",
    from: 0,
    count: "SLURM_STEP_NUM_TASKS",
    // A batch script has the variables of tasks too, and is none.
    needs: "SLURM_STEP_ID",
  },
];

/** What a scheduler says of this process. */
interface Place {
  scheduler: Scheduler;
  /** Its number. */
  index: number;
  /** The number of the first one. */
  first: number;
  /** How many there are; undefined if that is not said. */
  count: number | undefined;
  /** Whether numbers are left out between the first and the last. */
  hasGaps: boolean;
}

/**
 * Asks the scheduler for the share of this process.
 *
 * @param env The environment.
 * @param pinned How many shares there are, if the command line says so: then some may be run again by themselves.
 * @returns The share.
 * @throws {UsageError} If no scheduler says which it is, or what it says cannot be right.
 */
export function scheduledShare(env: Environment, pinned?: number): GivenShare {
  const option = pinned === undefined ? "--shard=auto" : `--shard=auto/${pinned}`;
  const places = SCHEDULERS.map((scheduler) => placeIn(scheduler, env)).filter((place) => place !== undefined);
  const array = places.find(({ scheduler }) => !scheduler.inner);
  const task = places.find(({ scheduler }) => scheduler.inner);
  const isOneOfSeveral = task !== undefined && task.count !== 1;
  if (array !== undefined && isOneOfSeveral) {
    throw new UsageError(
      `${option}: this is both an element of ${array.scheduler.name} and a task of ${task.scheduler.name}; ` +
        "give --shard=I/N with numbers of your own",
    );
  }
  const place = array ?? task;
  if (place === undefined) {
    throw new UsageError(`${option}: no scheduler has started this; give --shard=I/N, where I counts from 0`);
  }
  const share = pinned === undefined ? wholeArray(place, option) : elementOf(place, pinned, option);
  return { share, by: `${place.scheduler.name} (${place.scheduler.index}=${env(place.scheduler.index)})` };
}

/** The share where the scheduler says how many there are. */
function wholeArray({ scheduler, index, first, count, hasGaps }: Place, option: string): Share {
  if (count === undefined) {
    throw new UsageError(
      `${option}: ${scheduler.name} does not say how many processes there are; give --shard=auto/N with their number`,
    );
  }
  if (hasGaps) {
    throw new UsageError(
      `${option}: ${scheduler.name} leaves numbers out, so some shares would be nobody's; to run some elements again, ` +
        "give --shard=auto/N with the number of all shares",
    );
  }
  return within({ index: index - first, count }, scheduler, option);
}

/** The share where the command line says how many there are: the number of the element is that of the share. */
function elementOf({ scheduler, index, count }: Place, pinned: number, option: string): Share {
  if (scheduler.inner && count !== pinned) {
    throw new UsageError(`${option}: ${scheduler.name} runs ${count} tasks; give --shard=auto`);
  }
  return within({ index: index - scheduler.from, count: pinned }, scheduler, option);
}

function within(share: Share, { name, from, index }: Scheduler, option: string): Share {
  const { count } = share;
  if (count > MOST_SHARES) throw new UsageError(`${option}: ${count} shares are more than ${MOST_SHARES}`);
  if (share.index >= 0 && share.index < count) return share;
  throw new UsageError(
    `${option}: ${name} says ${index}=${share.index + from}; with ${count} shares it goes from ${from} to ` +
      `${count - 1 + from}`,
  );
}

function placeIn(scheduler: Scheduler, env: Environment): Place | undefined {
  const { index: name, none, range, from, needs } = scheduler;
  const text = env(name);
  if (text === undefined || text === none || needs !== undefined && env(needs) === undefined) return undefined;
  const index = numberIn(name, env)!;
  const counted = scheduler.count === undefined ? undefined : numberIn(scheduler.count, env);
  if (range === undefined) return { scheduler, index, first: from, count: counted, hasGaps: false };
  const [first, last] = [numberIn(range.first, env), numberIn(range.last, env)];
  if (first === undefined || last === undefined) {
    return { scheduler, index, first: from, count: undefined, hasGaps: false };
  }
  const count = last - first + 1;
  const hasGaps = (numberIn(range.step, env) ?? 1) !== 1 && count > 1 || counted !== undefined && counted !== count;
  return { scheduler, index, first, count, hasGaps };
}

function numberIn(name: string, env: Environment): number | undefined {
  const text = env(name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--shard=auto: ${name}=${text} is no number; give --shard=I/N`);
}
