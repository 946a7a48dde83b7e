import type { Written } from "../decode/image_writer.ts";
import type { Progress } from "../decode/task_host.ts";
import { byteSize, grouped } from "./numbers.ts";

/** How far a command is. */
export interface ProgressState extends Written {
  /** Images in all, if that is known. */
  total: number | undefined;
  /** What is counted, if it is not images. */
  noun?: string;
  /** The share done, 0 to 1, if that is known. */
  share: number | undefined;
  /** Seconds since the writing began. */
  seconds: number;
  /** What earlier runs have written of it, and what says nothing about this run's speed. */
  resumed?: Written;
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
  const parts = [...shareAndTime(state), images(state), imageRate(state), byteRate(state)];
  for (const part of parts) {
    const longer = line === "" ? part : `${line}, ${part}`;
    if (longer.length > room) break;
    line = longer;
  }
  const cells = Math.min(WIDEST_BAR, room - line.length - 1);
  if (cells < NARROWEST_BAR || state.share === undefined) return line;
  const full = Math.floor(cells * state.share);
  return `${FULL.repeat(full)}${EMPTY.repeat(cells - full)} ${line}`;
}

/**
 * Says the same as a line of a log.
 *
 * @param state How far it is.
 */
export function progressLine(state: ProgressState): string {
  const [share, timeLeft] = shareAndTime(state);
  return [share, images(state), imageRate(state), byteRate(state), timeLeft].filter((part) => part !== undefined)
    .join(", ");
}

/** The share done and the time left; nothing if they are not known. */
function shareAndTime({ share, seconds, total, resumed }: ProgressState): string[] {
  if (share === undefined) return [];
  const here = share - (resumed && total ? resumed.images / total : 0);
  const left = here <= 0 ? "--:--" : clock(seconds * (1 - share) / here);
  return [`${Math.floor(share * 100)}%`, `${left} left`];
}

function images({ images, total, noun = "image" }: ProgressState): string {
  return `${grouped(images)}${total === undefined ? "" : ` of ${grouped(total)}`} ${noun}s`;
}

function imageRate({ images, seconds, resumed, noun = "image" }: ProgressState): string {
  return `${grouped(Math.round((images - (resumed?.images ?? 0)) / seconds))} ${noun}s/s`;
}

function byteRate({ bytes, seconds, resumed }: ProgressState): string {
  return `${byteSize((bytes - (resumed?.bytes ?? 0)) / seconds)}/s`;
}

/** Hours, minutes and seconds, as a clock has them. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  return `${whole < 3600 ? "" : `${Math.floor(whole / 3600)}:`}${two(whole / 60 % 60)}:${two(whole % 60)}`;
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
  readonly #readBytes: number | undefined;
  #read = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param total Images to write in all, if that is known.
   * @param readBytes Bytes to be read in all, if that is known and `total` is not.
   * @param noun What is counted.
   */
  constructor(total: number | undefined, readBytes: number | undefined, noun = "image") {
    this.#state = { images: 0, total, noun, bytes: 0, share: undefined, seconds: 0 };
    this.#readBytes = readBytes;
    this.#timer = setInterval(() => this.#show(), this.#terminal ? DRAW_EVERY : LOG_EVERY);
  }

  /** Counts what was done since the last call. */
  add({ images, bytes, read = 0 }: Progress): void {
    this.#state.images += images;
    this.#state.bytes += bytes;
    this.#read += read;
  }

  /** Counts what earlier runs have done. */
  resume(resumed: Written): void {
    this.#state.resumed = resumed;
    this.add(resumed);
  }

  /** Ends the display and clears the bar. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#terminal) write("\r\x1b[K");
  }

  #show(): void {
    const { total, images } = this.#state;
    this.#state.seconds = (performance.now() - this.#begin) / 1000;
    if (total !== undefined) this.#state.share = total === 0 ? 1 : images / total;
    else if (this.#readBytes !== undefined) this.#state.share = Math.min(1, this.#read / this.#readBytes);
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
