/** How many threads write, and how much each reads at once. */
import { assertEquals } from "@std/assert";
import { writingJobsOf } from "../../src/cli/writing_jobs.ts";
import { fileSystemType, isOnNetwork } from "../../src/sink/file_system.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const CORES = navigator.hardwareConcurrency;
const CHUNK = 2 ** 23;

Deno.test("--jobs: the cores, and more of them on a network file system, unless the command line says how many", () => {
  const jobsOf = (jobs: number | undefined, onNetwork: boolean) =>
    writingJobsOf({ jobs, chunkSize: CHUNK }, "/somewhere", () => onNetwork).jobs;
  assertEquals([jobsOf(undefined, false), jobsOf(undefined, true)], [CORES, Math.max(CORES, 16)]);
  assertEquals([jobsOf(3, false), jobsOf(3, true)], [3, 3]);
  assertEquals(writingJobsOf({ jobs: undefined, chunkSize: CHUNK }, undefined, () => true).jobs, CORES);
});

Deno.test("jobs beyond the cores read less at once, unless the command line says how much", () => {
  const chunkOf = (jobs: number, chunkSize: number) => writingJobsOf({ jobs, chunkSize }, undefined).chunkSize;
  assertEquals([chunkOf(CORES, CHUNK), chunkOf(CORES + 1, CHUNK), chunkOf(CORES + 1, 4096)], [CHUNK, 2 ** 18, 4096]);
});

Deno.test("isOnNetwork: of a folder, or of the one that it will be in", () => {
  using folder = temporaryFolder();
  const asked: string[] = [];
  const typeOf = (type: string | undefined) => (path: string) => (asked.push(path), type);
  for (const type of ["nfs", "nfs4", "lustre", "fuse.sshfs", "fuse", "cifs"]) {
    assertEquals(isOnNetwork(`${folder.path}/not/there`, typeOf(type)), true, type);
  }
  for (const type of ["ext4", "xfs", "tmpfs", "fuseblk", "overlay", undefined]) {
    assertEquals(isOnNetwork(folder.path, typeOf(type)), false, type);
  }
  assertEquals(new Set(asked), new Set([folder.path]));
  assertEquals(isOnNetwork("/dev/shm"), false);
  if (Deno.build.os === "linux") assertEquals(fileSystemType("/proc"), "proc");
});
