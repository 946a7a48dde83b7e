import type { Written } from "../decode/task_runner.ts";
import { byteSize, grouped } from "./numbers.ts";

/** How far a decoding is. */
export interface ProgressState extends Written {
  /** Images to write in all. */
  total: number;
  /** Seconds since the writing began. */
  seconds: number;
}

const FULL = "━";
const EMPTY = "─";
const NARROWEST_BAR = 10;
const WIDEST_BAR = 40;

/**
 * Draws progress on one line of a terminal: the share done, then as much of the rest as there is room for.
 *
 * @param state How far it is.
 * @param columns Cells of the line.
 * @returns At most `columns - 1` characters, so that no terminal wraps it.
 */
export function progressBar(state: ProgressState, columns: number): string {
  const room = Math.max(0, columns - 1);
  let line = "";
  const parts = [share(state), `, ${timeLeft(state)}`, `, ${images(state)}`, imageRate(state), byteRate(state)];
  for (const part of parts) {
    if (line.length + part.length > room) break;
    line += part;
  }
  const cells = Math.min(WIDEST_BAR, room - line.length - 1);
  if (cells < NARROWEST_BAR) return line;
  const full = Math.floor(cells * fraction(state));
  return `${FULL.repeat(full)}${EMPTY.repeat(cells - full)} ${line}`;
}

/**
 * Says the same as a line of a log.
 *
 * @param state How far it is.
 */
export function progressLine(state: ProgressState): string {
  return `${share(state)}, ${images(state)}${imageRate(state)}${byteRate(state)}, ${timeLeft(state)}`;
}

function fraction({ images, total }: ProgressState): number {
  return total === 0 ? 1 : images / total;
}

function share(state: ProgressState): string {
  return `${Math.floor(fraction(state) * 100)}%`;
}

function images({ images, total }: ProgressState): string {
  return `${grouped(images)} of ${grouped(total)} images`;
}

function imageRate({ images, seconds }: ProgressState): string {
  return `, ${grouped(Math.round(images / seconds))} images/s`;
}

function byteRate({ bytes, seconds }: ProgressState): string {
  return `, ${byteSize(bytes / seconds)}/s`;
}

/** Hours, minutes and seconds, as a clock has them. */
function timeLeft({ images, total, seconds }: ProgressState): string {
  if (images === 0) return "--:-- left";
  const left = Math.round((total - images) * seconds / images);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  return `${left < 3600 ? "" : `${Math.floor(left / 3600)}:`}${two(left / 60 % 60)}:${two(left % 60)} left`;
}

/** Milliseconds between two drawings on a terminal: what changes faster cannot be read. */
const DRAW_EVERY = 200;
/** Milliseconds between two lines where there is no terminal. */
const LOG_EVERY = 10_000;

/** Shows progress on standard error: a bar on a terminal, a line every 10 seconds where there is none. */
export class ProgressDisplay implements Disposable {
  readonly #terminal = Deno.stderr.isTerminal();
  readonly #begin = performance.now();
  readonly #state: ProgressState;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param total Images to write in all. */
  constructor(total: number) {
    this.#state = { images: 0, total, bytes: 0, seconds: 0 };
    this.#timer = setInterval(() => this.#show(), this.#terminal ? DRAW_EVERY : LOG_EVERY);
  }

  /** Counts what was written since the last call. */
  add({ images, bytes }: Written): void {
    this.#state.images += images;
    this.#state.bytes += bytes;
  }

  /** Ends the display and clears the bar. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#terminal) write("\r\x1b[K");
  }

  #show(): void {
    this.#state.seconds = (performance.now() - this.#begin) / 1000;
    if (this.#terminal) write(`\r\x1b[K${progressBar(this.#state, columns())}`);
    else write(`unrec: ${progressLine(this.#state)}\n`);
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // Nobody looks any more, which is no reason to stop.
  }
}
