import { systemReason, UnrecError } from "../errors.ts";
import type { CommandLine } from "./command_line.ts";
import { printable, printableJson } from "./printable.ts";
import { ProgressDisplay, type ProgressGoal, type Screen } from "./progress.ts";

/** Where text goes. */
export interface TextStream {
  /** Writes bytes, as many as it takes at once. */
  writeSync(bytes: Uint8Array): number;
  /** Whether a person looks at it. */
  isTerminal(): boolean;
}

const encoder = new TextEncoder();

const CLEAR_LINE = "\r\x1b[K";

/** Results on standard output; all else that is said, on standard error. */
export class Terminal implements Screen {
  /** How this process was started, for messages that say what to run next. */
  readonly commandLine: CommandLine;
  readonly #out: TextStream;
  readonly #err: TextStream;
  #bar = "";

  /**
   * Takes the standard streams.
   *
   * @param commandLine How this process was started.
   * @param streams Others in their place, for tests.
   */
  constructor(commandLine: CommandLine, streams: { out?: TextStream; err?: TextStream } = {}) {
    this.commandLine = commandLine;
    this.#out = streams.out ?? Deno.stdout;
    this.#err = streams.err ?? Deno.stderr;
  }

  /**
   * Prints a result to standard output. Where the reader is gone, as in `unrec help | head -1`, there is nothing more to
   * do, which is no failure.
   *
   * @param text Without its last line feed. Line feeds in it begin lines; names are made {@linkcode printable} before.
   * @returns The exit code: 1 if it could not be printed.
   */
  print(text: string): 0 | 1 {
    return this.#print(text.split("\n").map(printable).join("\n"));
  }

  /**
   * Prints a result to standard output as JSON.
   *
   * @param json A line of JSON, without a line feed.
   * @returns The exit code: 1 if it could not be printed.
   */
  printJson(json: string): 0 | 1 {
    return this.#print(printableJson(json));
  }

  #print(text: string): 0 | 1 {
    try {
      this.#aroundBar(() => this.write(encoder.encode(`${text}\n`)));
      return 0;
    } catch (error) {
      if (!(error instanceof UnrecError)) throw error;
      this.say(error.message);
      return 1;
    }
  }

  /** Whether standard output is a terminal, which shows text to a person. */
  get isOutSeen(): boolean {
    return this.#out.isTerminal();
  }

  /**
   * Writes bytes to standard output as they are: a piece of a result.
   *
   * @param bytes The bytes.
   * @returns Whether anybody reads on. Where the reader is gone, there is nothing more to do, which is no failure.
   * @throws {UnrecError} If they cannot be written.
   */
  write(bytes: Uint8Array): boolean {
    try {
      writeAll(this.#out, bytes);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return false;
      throw new UnrecError(`Cannot print to the standard output: ${systemReason(error)}`);
    }
  }

  /**
   * Says something on standard error, in one line whatever the names of files contain. It never fails: where nobody
   * listens, the work goes on.
   *
   * @param text Without a line feed.
   */
  say(text: string): void {
    this.#aroundBar(() => this.#tell(`unrec: ${printable(text)}\n`));
  }

  /**
   * Shows how far the work is, until it is disposed of: a bar on a terminal, else a line every 10 seconds.
   *
   * @param goal What there is to do, as far as it is known.
   * @returns The display, which counts.
   */
  progress(goal: ProgressGoal): ProgressDisplay {
    return new ProgressDisplay(this, goal);
  }

  /** Whether standard error is a terminal, on which a bar can be drawn. */
  get live(): boolean {
    return this.#err.isTerminal();
  }

  /** The cells of its lines. */
  get columns(): number {
    try {
      return Deno.consoleSize().columns || 80;
    } catch {
      return 80;
    }
  }

  /**
   * Draws the bar in its place.
   *
   * @param bar What to draw; nothing to clear it.
   */
  draw(bar: string): void {
    if (bar === "" && this.#bar === "") return;
    this.#bar = bar;
    this.#tell(CLEAR_LINE + bar);
  }

  /** The line of the bar is given to something else, and the bar takes the next one. */
  #aroundBar(speak: () => void): void {
    if (this.#bar !== "") this.#tell(CLEAR_LINE);
    try {
      speak();
    } finally {
      if (this.#bar !== "") this.#tell(this.#bar);
    }
  }

  #tell(text: string): void {
    try {
      writeAll(this.#err, encoder.encode(text));
    } catch {
      // Nobody listens any more, which is no reason to stop.
    }
  }
}

function writeAll(stream: TextStream, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}
