import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { DecodeTask } from "../../src/decode/decode_work.ts";
import { Pool, startWorkers, thisThread, type Thread } from "../../src/pool/pool.ts";
import { Pause, type Progress, runTask, StopFlag, type Work } from "../../src/pool/work.ts";
import type { FolderSpec } from "../../src/sink/folder_sink.ts";
import { seededRandom } from "../write_dataset.ts";

const JOBS = [1, 2, 5];

/** Threads that take as many turns for each task as a function says, and what they were given. */
function fakeThreads(count: number, turnsOf: (task: number) => number) {
  const begun: number[] = [];
  let running = 0;
  let mostRunning = 0;
  let disposed = 0;
  const threads = Array.from({ length: count }, (): Thread<number, string> => {
    let busy = false;
    return {
      async run(task) {
        assert(!busy, "a thread runs one task at a time");
        busy = true;
        begun.push(task);
        mostRunning = Math.max(mostRunning, ++running);
        for (let turns = turnsOf(task); turns > 0; turns--) await Promise.resolve();
        running--;
        busy = false;
        return `outcome ${task}`;
      },
      [Symbol.dispose]: () => void disposed++,
    };
  });
  return { threads, begun, mostRunning: () => mostRunning, disposed: () => disposed };
}

const nameOf = (task: number) => `did task ${task}`;
const tasksUpTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function turns(seed: number): (task: number) => number {
  const random = seededRandom(seed);
  const lengths = Array.from({ length: 100 }, () => 1 + Math.floor(random() * 30));
  return (task) => lengths[task % 100];
}

for (const jobs of JOBS) {
  Deno.test(`Pool.run: each task once, in any order, as many at once as there are threads: ${jobs}`, async () => {
    const { threads, begun, mostRunning, disposed } = fakeThreads(jobs, turns(jobs));
    const taken = new Map<number, string>();
    let asked = 0;
    const tasks = (function* () {
      for (const task of tasksUpTo(40)) {
        asked++;
        // A task is asked for when a thread is free, not before.
        assert(asked - taken.size <= jobs);
        yield task;
      }
    })();
    {
      using pool = new Pool(threads, new StopFlag(), nameOf);
      await pool.run(tasks, (task, outcome) => void taken.set(task, outcome));
    }
    assertEquals(begun, tasksUpTo(40));
    assertEquals(new Map([...taken].sort(([a], [b]) => a - b)), new Map(tasksUpTo(40).map((i) => [i, `outcome ${i}`])));
    assertEquals([mostRunning(), disposed()], [jobs, jobs]);
    if (jobs > 1) assert(String([...taken.keys()]) !== String(tasksUpTo(40)), "some overtake others");
  });

  Deno.test(`Pool.runInOrder: outcomes come in the order of the tasks, with ${jobs} threads`, async () => {
    const { threads, mostRunning } = fakeThreads(jobs, turns(jobs));
    using pool = new Pool(threads, new StopFlag(), nameOf);
    const accepted: [number, string][] = [];
    await pool.runInOrder(tasksUpTo(40), (task, outcome) => void accepted.push([task, outcome]));
    assertEquals(accepted, tasksUpTo(40).map((i) => [i, `outcome ${i}`]));
    assertEquals(mostRunning(), jobs);
  });

  Deno.test(`Pool.runInOrder: tasks run again come before those after them, with ${jobs} threads`, async () => {
    const { threads } = fakeThreads(jobs, turns(jobs + 7));
    using pool = new Pool(threads, new StopFlag(), nameOf);
    const accepted: [number, string][] = [];
    await pool.runInOrder(tasksUpTo(30), (task, outcome) => {
      accepted.push([task, outcome]);
      // Every third one is run again, once; every ninth twice.
      return task % 3 === 0 && task < 100 || task % 9 === 1 && task >= 100 && task < 200 ? task + 100 : undefined;
    });
    const expected = tasksUpTo(30).flatMap((i) =>
      i % 3 > 0 ? [i] : (i + 100) % 9 === 1 ? [i, i + 100, i + 200] : [i, i + 100]
    );
    assertEquals(accepted, expected.map((i) => [i, `outcome ${i}`]));
  });

  Deno.test(`Pool: a task that throws ends the run after those under way, with ${jobs} threads`, async () => {
    for (const inOrder of [false, true]) {
      const { threads, begun } = fakeThreads(jobs, () => 10);
      for (const thread of threads) {
        const { run } = thread;
        thread.run = async (task) => {
          const outcome = await run(task);
          if (task === 12 || task === 13) throw new RangeError(`task ${task}`);
          return outcome;
        };
      }
      const stop = new StopFlag();
      using pool = new Pool(threads, stop, nameOf);
      const taken: number[] = [];
      const take = (task: number) => void taken.push(task);
      const running = inOrder ? pool.runInOrder(tasksUpTo(40), take) : pool.run(tasksUpTo(40), take);
      await assertRejects(() => running, RangeError, "task 12");
      assertEquals(stop.isSet, true);
      assert(begun.length < 13 + 2 * jobs, `${begun.length} were begun`);
      assertEquals(taken.slice(0, 12), tasksUpTo(12));
      const failed = begun.filter((task) => task === 12 || task === 13).length;
      // In order nothing is handed on past a hole; in any order what was under way counts.
      assertEquals(taken.length, inOrder ? 12 : begun.length - failed);
    }
  });

  Deno.test(`Pool: what takes the outcomes throws, with ${jobs} threads`, async () => {
    for (const inOrder of [false, true]) {
      const { threads, begun } = fakeThreads(jobs, () => 10);
      using pool = new Pool(threads, new StopFlag(), nameOf);
      const take = (task: number): undefined => {
        if (task === 5) throw new RangeError("full");
      };
      const running = inOrder ? pool.runInOrder(tasksUpTo(40), take) : pool.run(tasksUpTo(40), take);
      await assertRejects(() => running, RangeError, "full");
      assert(begun.length < 6 + 2 * jobs, `${begun.length} were begun`);
    }
  });

  Deno.test(`Pool: asked to stop, it begins no further task and does not fail, with ${jobs} threads`, async () => {
    for (const inOrder of [false, true]) {
      const { threads, begun } = fakeThreads(jobs, (task) => task === 9 ? 25 : 10);
      const stop = new StopFlag();
      using pool = new Pool(threads, stop, nameOf);
      const taken: number[] = [];
      const take = (task: number) => {
        taken.push(task);
        if (task === 9) stop.set();
      };
      await (inOrder ? pool.runInOrder(tasksUpTo(40), (task) => void take(task)) : pool.run(tasksUpTo(40), take));
      // What is under way is finished; in reading order it is not handed on any more.
      assert(begun.length < 10 + 4 * jobs, `${begun.length} were begun`);
      assertEquals(taken.length, inOrder ? 10 : begun.length);
      await pool.run(tasksUpTo(3), take);
      assertEquals(begun.filter((task) => task === 0).length, 1);
    }
  });
}

Deno.test("Pool: no task at all", async () => {
  using pool = new Pool(fakeThreads(2, () => 1).threads, new StopFlag(), nameOf);
  await pool.run([], () => {});
  await pool.runInOrder([], () => undefined);
});

for (const jobs of JOBS) {
  Deno.test(`Pool: a worker that dies names its task, with ${jobs} workers`, async () => {
    const stop = new StopFlag();
    const sink: FolderSpec = { format: "folder", output: "/nowhere", names: "{number}", fsync: false };
    const threads = startWorkers(jobs, "decode", {
      readers: [],
      names: [],
      engine: "ts",
      chunkBytes: 256,
      onError: "stop",
      relabel: false,
      parallel: true,
      sink,
      stop: stop.word,
    }, () => {});
    using pool = new Pool(
      threads,
      stop,
      ({ first, parts: [{ source }] }: DecodeTask) => `read images from ${first} on of source ${source}`,
    );
    // There is no such source, so whatever reads it dies.
    const read = { start: 5, end: 77, offsets: Uint32Array.of(0), numbers: { first: 0 }, keys: { first: 0 } };
    const tasks: DecodeTask[] = [{ first: 5, parts: [{ source: 9, reads: [read] }] }];
    const running = pool.run(tasks, () => {});
    const error = await assertRejects(
      () => running,
      Error,
      "a thread ended while it read images from 5 on of source 9: ",
    );
    assert(!error.message.endsWith(": "), error.message);
    // Where in the worker it was, its cause tells.
    assertStringIncludes((error.cause as Error).stack!, "decode_work.ts");
    // A thread that is dead does no other task, and nobody waits for it for ever.
    await assertRejects(() => threads[0].run(tasks[0]), Error);
  });
}

/** Work that does ten steps for each task, an image of three bytes a step. */
class Steady implements Work<string, string> {
  readonly progress: Progress = { images: 100, bytes: 300, read: 0 };
  disposed = false;

  *run(task: string) {
    for (let step = 0; step < 10; step++) {
      this.progress.images++;
      this.progress.bytes += 3;
      yield;
    }
    return task.toUpperCase();
  }

  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

Deno.test("runTask: what it tells adds up to what this task did", async () => {
  const work = new Steady();
  for (const turn of [undefined, new Pause()]) {
    const sum: Progress = { images: 0, bytes: 0, read: 0 };
    const outcome = await runTask(work, "task", ({ images, bytes, read }) => {
      sum.images += images;
      sum.bytes += bytes;
      sum.read += read;
    }, turn);
    assertEquals([outcome, sum], ["TASK", { images: 10, bytes: 30, read: 0 }]);
  }
});

Deno.test("runTask: steps that wait", async () => {
  const work: Work<number, number> = {
    progress: { images: 0, bytes: 0, read: 0 },
    async *run(task) {
      for (let step = 0; step < task; step++) {
        await Promise.resolve();
        this.progress.read++;
        yield;
      }
      return task;
    },
    [Symbol.dispose]() {},
  };
  const told: Progress[] = [];
  assertEquals(await runTask(work, 7, (progress) => told.push(progress)), 7);
  assertEquals(told.reduce((sum, { read }) => sum + read, 0), 7);
});

Deno.test("thisThread: runs tasks here, and disposes of the work", async () => {
  const work = new Steady();
  {
    using thread = thisThread(work, () => {});
    assertEquals(await thread.run("here"), "HERE");
    assertEquals(work.disposed, false);
  }
  assertEquals(work.disposed, true);
});

Deno.test("thisThread: others have their turn, however short the tasks are", async () => {
  const work: Work<number, number> = {
    progress: { images: 0, bytes: 0, read: 0 },
    *run(task) {
      for (const until = performance.now() + 10; performance.now() < until;) yield;
      return task;
    },
    [Symbol.dispose]() {},
  };
  using thread = thisThread(work, () => {});
  let hadTurn = false;
  const timer = setTimeout(() => hadTurn = true);
  for (let task = 0; task < 100 && !hadTurn; task++) await thread.run(task);
  clearTimeout(timer);
  assertEquals(hadTurn, true);
});

Deno.test("StopFlag: set in one place, it is set in all that share its word", () => {
  const flag = new StopFlag();
  const other = new StopFlag(flag.word);
  assertEquals([flag.isSet, other.isSet, new StopFlag().isSet], [false, false, false]);
  other.set();
  assertEquals([flag.isSet, other.isSet, new StopFlag().isSet], [true, true, false]);
});
