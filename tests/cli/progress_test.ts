/** Progress, and what is said while it is shown. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CommandLine } from "../../src/cli/command_line.ts";
import { byteSize, counted } from "../../src/cli/numbers.ts";
import { progressBar, ProgressDisplay, progressLine, type ProgressState } from "../../src/cli/progress.ts";
import { printable, printableJson } from "../../src/cli/printable.ts";
import { Terminal } from "../../src/cli/terminal.ts";

const NOTHING = { count: 0, bytes: 0, read: 0 };
const STATE: ProgressState = {
  goal: { total: 17_091_657 },
  done: { count: 4_272_914, bytes: 34_000_000_000, read: 0 },
  resumed: NOTHING,
  seconds: 120,
};

/** The same state with so many images done. */
function at(count: number): ProgressState {
  return { ...STATE, done: { ...STATE.done, count } };
}

Deno.test("progressBar: a line of a wide terminal has it all", () => {
  assertEquals(
    progressBar(at(4_272_915), 140),
    "━━━━━━━━━━────────────────────────────── 25%, 06:00 left, 4,272,915 of 17,091,657 images, 35,608 images/s, 283.3 MB/s",
  );
});

Deno.test("progressBar: 80 columns have a bar, the share and the time left, however long the counts are", () => {
  for (const [count, seconds] of [[1, 0.2], [4_272_914, 120], [17_091_656, 360_000], [17_091_657, 360_000]]) {
    for (const total of [17_091_657, 999_999_999_999]) {
      const bar = progressBar({ ...at(count), goal: { total }, seconds }, 80);
      assert(/^[━─]{10,} \d+%, [\d:]+ left/.test(bar), bar);
    }
  }
  assertEquals(
    progressBar(at(4_272_915), 80),
    "━━━─────────── 25%, 06:00 left, 4,272,915 of 17,091,657 images, 35,608 images/s",
  );
});

Deno.test("progressBar: it never reaches the end of the line, and a narrow one still has the share", () => {
  for (let columns = 0; columns < 200; columns++) {
    const bar = progressBar(at(4_272_915), columns);
    assert(bar.length <= Math.max(0, columns - 1), `${columns}: ${bar}`);
    if (columns >= 4) assertStringIncludes(bar, "25%");
    if (columns >= 16) assertStringIncludes(bar, "06:00 left");
    assertEquals(bar.includes("─"), columns >= 27, `${columns}: ${bar}`);
  }
});

Deno.test("progressLine: what has no bytes says nothing of them", () => {
  const goal = { noun: "removed image", withoutBytes: true };
  const done = { ...NOTHING, count: 5000 };
  assertEquals(
    progressLine({ goal, done, resumed: NOTHING, seconds: 2 }),
    "5,000 removed images, 2,500 removed images/s",
  );
});

Deno.test("ProgressDisplay.turnTo: what is counted then begins at nothing", () => {
  const lines: string[] = [];
  const screen = { live: true, columns: 200, draw: (bar: string) => void lines.push(bar), say() {} };
  using time = new FakeTime();
  using display = new ProgressDisplay(screen, { noun: "removed image", withoutBytes: true });
  display.add({ count: 7, bytes: 0 });
  time.tick(1000);
  display.turnTo({ total: 10 });
  display.resume({ count: 4, bytes: 0 });
  display.add({ count: 1, bytes: 30 });
  time.tick(1000);
  assert(lines.some((line) => line.startsWith("7 removed images, ")), lines.join("\n"));
  assertStringIncludes(lines.at(-1)!, "50%, 00:05 left, 5 of 10 images, 1 image/s, 30 B/s");
});

Deno.test("progressBar: from nothing to all", () => {
  assertStringIncludes(
    progressBar({ ...STATE, done: NOTHING }, 80),
    " 0%, --:-- left, 0 of 17,091,657 images, 0 images/s",
  );
  assertStringIncludes(
    progressBar({ ...STATE, done: NOTHING, seconds: 0 }, 99),
    " 0%, --:-- left, 0 of 17,091,657 images",
  );
  assertEquals(progressBar(at(17_091_657), 36), "━".repeat(18) + " 100%, 00:00 left");
  assertStringIncludes(progressBar(at(171), 80), "3331:40:25 left, 171 of 17,091,657 images, 1 image/s");
  assertStringIncludes(progressBar({ ...STATE, goal: { total: 0 }, done: NOTHING }, 80), "100%, 00:00 left");
});

Deno.test("progressBar: what earlier runs did is counted, but is not this one's speed", () => {
  const resumed = { count: 8_545_828, bytes: 50e9, read: 0 };
  const done = { count: 8_545_828 + 2_136_457, bytes: 60e9, read: 0 };
  assertEquals(
    progressLine({ ...STATE, done, resumed, seconds: 100 }),
    "62%, 10,682,285 of 17,091,657 images, 21,365 images/s, 100 MB/s, 05:00 left",
  );
  // At once after it was gone on with nothing is known of the speed.
  assertStringIncludes(
    progressBar({ ...STATE, done: resumed, resumed, seconds: 0.2 }, 80),
    " 49%, --:-- left, 8,545,828",
  );
  const complete = { ...STATE.done, count: 17_091_657 };
  assertStringIncludes(progressLine({ ...STATE, done: complete, resumed: complete }), "100%, 17,091,657 of 17,091,657");
});

Deno.test("progressBar and progressLine: what is not known is left out", () => {
  const unknown = { ...STATE, goal: {} };
  assertEquals(progressBar(unknown, 80), "4,272,914 images, 35,608 images/s, 283.3 MB/s");
  assertEquals(progressLine(unknown), "4,272,914 images, 35,608 images/s, 283.3 MB/s");
  // The share may be that of the bytes read.
  const reading = { ...STATE, goal: { bytes: 128e9, noun: "entry" }, done: { ...STATE.done, read: 64e9 } };
  assertEquals(progressLine(reading), "50%, 4,272,914 entries, 35,608 entries/s, 283.3 MB/s, 02:00 left");
});

Deno.test("ProgressDisplay: without a terminal a line every 10 seconds, with what earlier runs did", () => {
  const said: string[] = [];
  const screen = { live: false, columns: 80, draw: () => {}, say: (text: string) => void said.push(text) };
  using time = new FakeTime();
  {
    using display = new ProgressDisplay(screen, { total: 1000, noun: "record" });
    display.resume({ count: 500, bytes: 50_000 });
    display.add({ count: 20, bytes: 2000 });
    display.add({ count: 30, bytes: 3000 });
    time.tick(9_999);
    assertEquals(said, []);
    time.tick(1);
    display.add({ count: 50, bytes: 5000 });
    time.tick(10_000);
  }
  time.tick(10_000);
  assertEquals(said, [
    "55%, 550 of 1,000 records, 5 records/s, 500 B/s, 01:30 left",
    "60%, 600 of 1,000 records, 5 records/s, 500 B/s, 01:20 left",
  ]);
});

Deno.test("Terminal.progress: it draws on a terminal, and what it drew is gone at the end", () => {
  const err = new Recorder(true);
  const terminal = new Terminal(new CommandLine([], ["unrec"]), { err });
  using time = new FakeTime();
  {
    using display = terminal.progress({ total: 4 });
    display.add({ count: 1, bytes: 10 });
    time.tick(200);
    assertStringIncludes(err.screen[0], " 25%, 00:01 left");
  }
  assertEquals(err.screen, [""]);
});

/** A clock for intervals and `performance.now` that goes only when told. */
class FakeTime implements Disposable {
  readonly #real = { setInterval, clearInterval, now: performance.now };
  readonly #timers = new Map<number, { call: () => void; every: number; next: number }>();
  #now = 0;
  constructor() {
    performance.now = () => this.#now;
    globalThis.setInterval = ((call: () => void, every: number) => {
      const id = this.#timers.size + 1;
      this.#timers.set(id, { call, every, next: this.#now + every });
      return id;
    }) as unknown as typeof setInterval;
    globalThis.clearInterval = (id) => void this.#timers.delete(Number(id));
  }
  tick(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of this.#timers.values()) {
      for (; timer.next <= this.#now; timer.next += timer.every) timer.call();
    }
  }
  [Symbol.dispose](): void {
    Object.assign(globalThis, { setInterval: this.#real.setInterval, clearInterval: this.#real.clearInterval });
    performance.now = this.#real.now;
  }
}

/** A stream that keeps what is written, a few bytes at a time; and what a terminal would show of it. */
class Recorder {
  text = "";
  constructor(readonly terminal: boolean, readonly fails?: Error) {}
  writeSync(bytes: Uint8Array): number {
    if (this.fails) throw this.fails;
    const part = bytes.subarray(0, 7);
    this.#bytes.push(...part);
    this.text = new TextDecoder().decode(new Uint8Array(this.#bytes));
    return part.length;
  }
  isTerminal(): boolean {
    return this.terminal;
  }
  get screen(): string[] {
    return this.text.split("\n").map((line) => line.split("\r\x1b[K").at(-1)!);
  }
  readonly #bytes: number[] = [];
}

Deno.test("a message is never glued to the bar, and the bar comes back after it", () => {
  const err = new Recorder(true);
  const terminal = new Terminal(new CommandLine([], ["unrec"]), { out: err, err });
  terminal.say("before");
  terminal.draw("━━ 25%");
  terminal.say("Warning: ä");
  assertEquals(err.screen, ["unrec: before", "unrec: Warning: ä", "━━ 25%"]);
  terminal.draw("━━ 26%");
  terminal.print("result");
  assertEquals(err.screen, ["unrec: before", "unrec: Warning: ä", "result", "━━ 26%"]);
  terminal.draw("");
  terminal.say("after");
  assertEquals(err.screen, ["unrec: before", "unrec: Warning: ä", "result", "unrec: after", ""]);
});

Deno.test("printable: nothing that moves the cursor, begins a line or turns the direction of writing", () => {
  assertEquals(
    printable("a\x00\n\x1b[2J\x7f\x9b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069 é 日本 \u2010"),
    "a\\x00\\x0a\\x1b[2J\\x7f\\x9b\\u200e\\u200f\\u2028\\u2029\\u202a\\u202e\\u2066\\u2069 é 日本 \u2010",
  );
  const err = new Recorder(false);
  const out = new Recorder(false);
  const terminal = new Terminal(new CommandLine([], ["unrec"]), { out, err });
  terminal.say("two\nlines");
  assertEquals(err.text, "unrec: two\\x0alines\n");
  // What is printed has lines.
  terminal.print("two\nlines of \x9bA");
  assertEquals(out.text, "two\nlines of \\x9bA\n");
});

Deno.test("printableJson: the same value, and nothing that a terminal acts upon", () => {
  const value = { name: "a\n\x1b[2J\x7f\x9b\u061c\u2028\u202e \\ é" };
  const json = printableJson(JSON.stringify(value));
  assertEquals(JSON.parse(json), value);
  assertEquals(json, String.raw`{"name":"a\n\u001b[2J\u007f\u009b\u061c\u2028\u202e \\ é"}`);
});

Deno.test("Terminal: where nobody listens, the work goes on; what cannot be printed is exit code 1", () => {
  const closed = new Recorder(true, new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  const full = new Recorder(false, Object.assign(new Error("No space left on device"), { code: "ENOSPC" }));
  const err = new Recorder(false);
  const commandLine = new CommandLine([], ["unrec"]);
  const deaf = new Terminal(commandLine, { out: closed, err: closed });
  deaf.say("said");
  deaf.draw("bar");
  deaf.say("said");
  assertEquals([deaf.print("printed"), new Terminal(commandLine, { out: full, err: full }).print("printed")], [0, 1]);
  assertEquals(new Terminal(commandLine, { out: full, err }).print("printed"), 1);
  assertStringIncludes(err.text, "unrec: Cannot print to the standard output: the disk is full");
});

Deno.test("byteSize and counted", () => {
  assertEquals([0, 0.4, 999, 1000, 99_499, 1_250_000, 128e9].map(byteSize), [
    ...["0 B", "0.4 B", "999 B", "1 kB", "99.5 kB", "1.3 MB", "128 GB"],
  ]);
  assertEquals([0, 1, 2000].map((count) => counted(count, "image")), ["0 images", "1 image", "2,000 images"]);
  assertEquals([1, 2].map((count) => counted(count, "entry")), ["1 entry", "2 entries"]);
  assertEquals(["key", "class", "identity", "box"].map((noun) => counted(2, noun)), [
    ...["2 keys", "2 classes", "2 identities", "2 boxes"],
  ]);
});
