/** Which share of the work a process does, from what schedulers set in the environment. */
import { assertEquals, assertThrows } from "@std/assert";
import { scheduledShare } from "../../src/cli/scheduler.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

function share(variables: Record<string, string>, pinned?: number): [number, number] {
  const { index, count } = scheduledShare((name) => variables[name], pinned).share;
  return [index, count];
}

function refusal(variables: Record<string, string>, pinned?: number): string {
  return assertThrows(() => scheduledShare((name) => variables[name], pinned), UsageError).message;
}

/** What Slurm sets in the batch script of an array's element. */
function slurmArray(id: number, ids: readonly number[], step = 1): Record<string, string> {
  return {
    SLURM_ARRAY_TASK_ID: `${id}`,
    SLURM_ARRAY_TASK_MIN: `${Math.min(...ids)}`,
    SLURM_ARRAY_TASK_MAX: `${Math.max(...ids)}`,
    SLURM_ARRAY_TASK_STEP: `${step}`,
    SLURM_ARRAY_TASK_COUNT: `${ids.length}`,
    // A batch script has these too, whatever it is.
    SLURM_PROCID: "0",
    SLURM_NTASKS: "1",
  };
}

const SEVEN = [0, 1, 2, 3, 4, 5, 6];

Deno.test("a scheduler's share: a Slurm array from any first element on", () => {
  assertEquals(SEVEN.map((id) => share(slurmArray(id, SEVEN))), SEVEN.map((id) => [id, 7]));
  assertEquals([1, 2, 3].map((id) => share(slurmArray(id, [1, 2, 3]))), [[0, 3], [1, 3], [2, 3]]);
  assertEquals(share(slurmArray(5, [5])), [0, 1]);
});

Deno.test("a scheduler's share: elements of a Slurm array that are run again need the number of all", () => {
  assertEquals(
    refusal(slurmArray(3, [3, 17])),
    "--shard=auto: the Slurm array leaves numbers out, so some shares would be nobody's; to run some elements again, " +
      "give --shard=auto/N with the number of all shares",
  );
  assertEquals(refusal(slurmArray(2, [0, 2, 4], 2)), refusal(slurmArray(3, [3, 17])));
  assertEquals(share(slurmArray(17, [3, 17]), 64), [17, 64]);
  assertEquals(share(slurmArray(3, [3]), 64), [3, 64]);
  assertEquals(
    refusal(slurmArray(64, [64]), 64),
    "--shard=auto/64: the Slurm array says SLURM_ARRAY_TASK_ID=64; with 64 shares it goes from 0 to 63",
  );
});

Deno.test("a scheduler's share: the tasks of srun, and not the script that starts them", () => {
  const task = { SLURM_PROCID: "2", SLURM_STEP_NUM_TASKS: "4" };
  assertEquals(share({ ...task, SLURM_STEP_ID: "0" }), [2, 4]);
  assertEquals(share({ ...task, SLURM_STEP_ID: "0" }, 4), [2, 4]);
  assertEquals(refusal({ ...task, SLURM_STEP_ID: "0" }, 8), "--shard=auto/8: srun runs 4 tasks; give --shard=auto");
  const none = "no scheduler has started this; give --shard=I/N, where I counts from 0";
  assertEquals(refusal(task), `--shard=auto: ${none}`);
  assertEquals(refusal({}, 8), `--shard=auto/8: ${none}`);
  const single = { SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "1", SLURM_STEP_ID: "0" };
  assertEquals(share({ ...slurmArray(3, SEVEN), ...single }), [3, 7]);
  assertEquals(
    refusal({ ...slurmArray(3, SEVEN), ...task, SLURM_STEP_ID: "0" }),
    "--shard=auto: this is both an element of the Slurm array and a task of srun; give --shard=I/N with numbers of your own",
  );
});

Deno.test("a scheduler's share: SGE, AWS Batch, Kubernetes, Open MPI and MPICH", () => {
  const sge = { SGE_TASK_FIRST: "1", SGE_TASK_LAST: "7", SGE_TASK_STEPSIZE: "1" };
  assertEquals(share({ SGE_TASK_ID: "1", ...sge }), [0, 7]);
  assertEquals(share({ SGE_TASK_ID: "7", SGE_TASK_FIRST: "7", SGE_TASK_LAST: "7", SGE_TASK_STEPSIZE: "1" }, 7), [6, 7]);
  assertEquals(refusal({ SGE_TASK_ID: "undefined" }), refusal({}));
  assertEquals(share({ AWS_BATCH_JOB_ARRAY_INDEX: "4", AWS_BATCH_JOB_ARRAY_SIZE: "5" }), [4, 5]);
  assertEquals(share({ JOB_COMPLETION_INDEX: "4" }, 5), [4, 5]);
  assertEquals(
    refusal({ JOB_COMPLETION_INDEX: "4" }),
    "--shard=auto: the Kubernetes Job does not say how many processes there are; give --shard=auto/N with their number",
  );
  assertEquals(share({ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "3" }), [1, 3]);
  assertEquals(share({ PMI_RANK: "1", PMI_SIZE: "3" }), [1, 3]);
  // mpirun starts a helper on each node with srun, and that one starts the tasks.
  const helper = { SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "2", SLURM_STEP_ID: "0" };
  assertEquals(share({ ...helper, OMPI_COMM_WORLD_RANK: "5", OMPI_COMM_WORLD_SIZE: "8" }), [5, 8]);
});

Deno.test("a scheduler's share: what is no number, and what is out of range", () => {
  assertEquals(
    refusal({ PMI_RANK: "-1", PMI_SIZE: "3" }),
    "--shard=auto: PMI_RANK=-1 is no number; give --shard=I/N",
  );
  assertEquals(
    refusal({ PMI_RANK: "3", PMI_SIZE: "3" }),
    "--shard=auto: MPI says PMI_RANK=3; with 3 shares it goes from 0 to 2",
  );
  assertEquals(
    refusal({ AWS_BATCH_JOB_ARRAY_INDEX: "0", AWS_BATCH_JOB_ARRAY_SIZE: "70000" }),
    "--shard=auto: 70000 shares are more than 65536",
  );
});
