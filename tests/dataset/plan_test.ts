import { assert, assertEquals } from "@std/assert";
import { type CutOptions, cutTasks, numberAt, risesInFile } from "../../src/dataset/plan.ts";
import { DatasetIndex } from "../../src/dataset/dataset_index.ts";
import { Runs } from "../../src/dataset/runs.ts";
import { seededRandom } from "../write_dataset.ts";

function runsOf(numbers: number[]): Runs {
  const runs = new Runs();
  for (const number of numbers) runs.append(number, 1);
  return runs;
}

function indexOf(offsets: number[]): DatasetIndex {
  const rising = offsets.every((offset, i) => i === 0 || offset > offsets[i - 1]);
  return new DatasetIndex(Float64Array.from(offsets), runsOf(offsets.map((_, row) => 2 * row)), rising, 0);
}

/** The tasks as a list of [offset, number], after a look at what holds of every task. */
function readingsOf(index: DatasetIndex, order: Runs, options: CutOptions): [number, number][][] {
  return Array.from(cutTasks(index, order, options), ({ start, end, offsets, numbers, keys }) => {
    assert(offsets.length > 0 && offsets[0] === 0);
    assert(offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]));
    assert(end >= start || start > options.fileBytes);
    // A key is its row here, twice as large.
    assertEquals(
      Array.from(offsets, (_, i) => index.offsets[numberAt(keys, i) / 2]),
      Array.from(offsets, (offset) => start + offset),
    );
    return Array.from(offsets, (offset, i) => [start + offset, numberAt(numbers, i)]);
  });
}

Deno.test("cutTasks: when order and file rise together, a task is a byte range and a first number", () => {
  const index = indexOf([0, 100, 200, 300, 5000, 5100, 5200, 9000]);
  const options = { fileBytes: 9100, taskBytes: 250, maxGap: 1000, firstNumber: 7 };
  const tasks = [...cutTasks(index, runsOf([1, 2, 3, 4, 5, 6]), options)];
  assertEquals(
    tasks.map(({ start, end, offsets, numbers }) => [start, end, [...offsets], numbers]),
    [
      // 300 - 100 is below 250 bytes, 5000 lies beyond the greatest gap, and 9000 is not wanted.
      [100, 5000, [0, 100, 200], { first: 7 }],
      [5000, 9000, [0, 100, 200], { first: 10 }],
    ],
  );
});

Deno.test("cutTasks: every record once for every time it is wanted, with its number and its key, whatever the order", () => {
  const random = seededRandom(44);
  for (let i = 0; i < 300; i++) {
    const offsets = Array.from({ length: 1 + random() * 40 }, () => Math.floor(random() * 5000) * 8);
    const rising = i % 3 === 0;
    if (rising) offsets.sort((a, b) => a - b);
    const index = indexOf(rising ? [...new Set(offsets)] : offsets);
    const rows = Array.from({ length: random() * 60 }, () => Math.floor(random() * index.rows));
    if (i % 2 === 0) rows.sort((a, b) => a - b);
    const options = { fileBytes: 20_000, taskBytes: 1 + random() * 9000, maxGap: random() * 9000, firstNumber: i };
    const readings = readingsOf(index, runsOf(rows), options).flat();
    const wanted = rows.map((row, place) => [index.offsets[row], i + place]);
    const byNumber = (a: number[], b: number[]) => a[1] - b[1];
    assertEquals(readings.sort(byNumber) as number[][], wanted.sort(byNumber));
  }
});

Deno.test("cutTasks: offsets far past the end of the file cost nothing but their error", () => {
  const index = indexOf([0, Number.MAX_SAFE_INTEGER, 40]);
  const options = { fileBytes: 80, taskBytes: 64, maxGap: 64, firstNumber: 0 };
  assertEquals(readingsOf(index, runsOf([0, 1, 2]), options), [[[0, 0], [40, 2]], [[Number.MAX_SAFE_INTEGER, 1]]]);
});

Deno.test("risesInFile: the order of the file, not of the rows", () => {
  const index = indexOf([400, 100, 200, 300]);
  const orders = [[1, 2, 3, 0], [1, 3, 0], [0, 1], [1, 1], [3, 2], []];
  assertEquals(orders.map((rows) => risesInFile(index, runsOf(rows))), [true, true, false, false, false, true]);
});

Deno.test("cutTasks: where images are missing, their numbers are left out, and keys that rise by one take no list", () => {
  const index = new DatasetIndex(Float64Array.from([0, 100, 200, 300]), runsOf([5, 6, 7, 8]), true, 0);
  const numbers = runsOf([0, 1, 9, 10]);
  const options = { fileBytes: 400, taskBytes: 1000, maxGap: 1000, firstNumber: 100, numbers };
  for (const [rows, expected] of [[[0, 1, 2, 3], [100, 101, 109, 110]], [[3, 1, 2, 0], [110, 101, 109, 100]]]) {
    const [task, ...others] = cutTasks(index, runsOf(rows), options);
    assertEquals(others, []);
    assertEquals(Array.from(task.offsets, (_, i) => numberAt(task.numbers, i)), expected);
    assertEquals(task.keys, { first: 5 });
  }
});

Deno.test("cutTasks: bytes that no wanted record has are gaps from the least on, wherever the index stands", () => {
  const options = { fileBytes: 9100, taskBytes: 10_000, maxGap: 10_000, leastGap: 300, firstNumber: 0 };
  for (const order of [[1, 2, 4, 6], [2, 1, 6, 4]]) {
    // The record at 200 ends at 300, and 5000 begins a gap later; that at 5000 is as long as it is far from its neighbour.
    const [{ start, offsets, gaps }, ...others] = cutTasks(
      indexOf([0, 100, 200, 300, 5000, 8000, 8299, 8599]),
      runsOf(order),
      options,
    );
    assertEquals([others.length, start, [...offsets]], [0, 100, [0, 100, 4900, 8199]]);
    assertEquals([[...gaps!.starts], [...gaps!.next]], [[200], [2]]);
  }
  const [{ gaps }] = cutTasks(indexOf([0, 100, 200, 300]), runsOf([0, 3]), { ...options, fileBytes: 400 });
  assertEquals(gaps, undefined);
});
