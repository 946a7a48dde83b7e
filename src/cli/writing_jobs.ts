import { isOnNetwork } from "../sink/file_system.ts";
import { count, type Option } from "./option.ts";
import { chunkSize as chunkSizeOption } from "./shared_options.ts";

/** Where each call waits for another machine, throughput is calls in flight. */
const JOBS_ON_NETWORK = 16;

/** Bytes that a job reads at once where there are more jobs than cores: they wait, and need not take memory for it. */
const CHUNK_OF_MANY = 2 ** 18;

/** `--jobs` of what writes. */
export const writingJobs: Option<number | undefined> = count({ least: 1, most: 256, default: undefined }, {
  short: "j",
  value: "N",
  help: `threads that read and write (default: the machine's cores, and ${JOBS_ON_NETWORK} on a network file system)`,
  more: `threads that read and write. The default is the machine's cores or, where the output is on a network file ` +
    `system, ${JOBS_ON_NETWORK} if that is more: there a call waits, and others can be under way meanwhile`,
});

/** How many threads write, and how much each reads at once. */
export interface WritingJobs {
  /** Threads. */
  jobs: number;
  /** Bytes. */
  chunkSize: number;
}

/**
 * How many threads are to write.
 *
 * @param given What the command line gives.
 * @param output Where they write; undefined for nowhere.
 * @param onNetwork Tells whether that is on a network file system; for tests.
 */
export function writingJobsOf(
  given: { jobs: number | undefined; chunkSize: number },
  output: string | undefined,
  onNetwork: (folder: string) => boolean = isOnNetwork,
): WritingJobs {
  const cores = navigator.hardwareConcurrency;
  const usual = () => output !== undefined && onNetwork(output) ? Math.max(cores, JOBS_ON_NETWORK) : cores;
  const { jobs = usual(), chunkSize } = given;
  const isUsual = chunkSize === chunkSizeOption.default;
  return { jobs, chunkSize: jobs > cores && isUsual ? CHUNK_OF_MANY : chunkSize };
}
