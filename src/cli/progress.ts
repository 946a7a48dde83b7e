import { byteSize, counted, grouped } from "./numbers.ts";

/** What there is to do, as far as it is known. */
export interface ProgressGoal {
  /** Things to be done in all. */
  total?: number;
  /** Bytes to be read in all, if `total` is not known. */
  bytes?: number;
  /** What is counted; images if not given. */
  noun?: string;
  /** Whether bytes are not counted. */
  withoutBytes?: boolean;
}

/** What was done. */
export interface ProgressStep {
  /** Things: images, or what the goal's noun says. */
  count: number;
  /** Their bytes. */
  bytes: number;
  /** Bytes read for it, of those of the goal. */
  read?: number;
}

/** How far the work is. */
export interface ProgressState {
  /** What there is to do. */
  goal: ProgressGoal;
  /** What is done. */
  done: Required<ProgressStep>;
  /** What of it earlier runs have done, which says nothing about the speed of this one. */
  resumed: Required<ProgressStep>;
  /** Seconds since this run began. */
  seconds: number;
}

/** What a display is shown on. */
export interface Screen {
  /** Whether a bar can be drawn on it. */
  readonly live: boolean;
  /** The cells of its lines. */
  readonly columns: number;
  /** Draws a bar in the place of the one before; clears it if it is empty. */
  draw(bar: string): void;
  /** Says something in a line of its own. */
  say(text: string): void;
}

const FULL = "━";
const EMPTY = "─";
const NARROWEST_BAR = 10;
const WIDEST_BAR = 40;

/**
 * Draws progress on one line of a terminal: the share done and the time left first, then a bar, then as much of the rest
 * as there is room for beside it.
 *
 * @param state How far it is.
 * @param columns Cells of the line.
 * @returns At most `columns - 1` characters, so that no terminal wraps it.
 */
export function progressBar(state: ProgressState, columns: number): string {
  const room = Math.max(0, columns - 1);
  const share = shareOf(state, state.done);
  const first = shareAndTime(state);
  const bar = share === undefined || first.join(", ").length + 1 + NARROWEST_BAR > room ? 0 : NARROWEST_BAR + 1;
  let line = "";
  for (const part of [...first, images(state), ...rates(state)]) {
    const longer = line === "" ? part : `${line}, ${part}`;
    if (longer.length + bar > room) break;
    line = longer;
  }
  if (bar === 0) return line;
  const cells = Math.min(WIDEST_BAR, room - line.length - 1);
  const full = Math.floor(cells * share!);
  return `${FULL.repeat(full)}${EMPTY.repeat(cells - full)} ${line}`;
}

/**
 * Says the same as a line of a log.
 *
 * @param state How far it is.
 * @returns The line.
 */
export function progressLine(state: ProgressState): string {
  const [share, timeLeft] = shareAndTime(state);
  return [share, images(state), ...rates(state), timeLeft].filter((part) => part !== undefined).join(", ");
}

/** The share of the goal that a step is, 0 to 1; undefined if the goal is not known. */
function shareOf({ goal }: ProgressState, { count, read }: Required<ProgressStep>): number | undefined {
  if (goal.total !== undefined) return goal.total === 0 ? 1 : Math.min(1, count / goal.total);
  return goal.bytes === undefined || goal.bytes === 0 ? undefined : Math.min(1, read / goal.bytes);
}

/** The share done and the time left; nothing if they are not known. */
function shareAndTime(state: ProgressState): string[] {
  const share = shareOf(state, state.done);
  if (share === undefined) return [];
  const here = share - shareOf(state, state.resumed)!;
  const left = share === 1 ? clock(0) : here <= 0 ? "--:--" : clock(state.seconds * (1 - share) / here);
  return [`${Math.floor(share * 100)}%`, `${left} left`];
}

function images({ goal: { total, noun = "image" }, done: { count } }: ProgressState): string {
  return total === undefined ? counted(count, noun) : `${grouped(count)} of ${counted(total, noun)}`;
}

/** How fast this run is; nothing before it has begun. */
function rates({ goal: { noun = "image", withoutBytes }, done, resumed, seconds }: ProgressState): string[] {
  if (seconds <= 0) return [];
  return [
    `${counted(Math.round((done.count - resumed.count) / seconds), noun)}/s`,
    ...withoutBytes ? [] : [`${byteSize((done.bytes - resumed.bytes) / seconds)}/s`],
  ];
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

/** Counts what is done, and shows it: a bar on a terminal, a line every 10 seconds where there is none. */
export class ProgressDisplay implements Disposable {
  readonly #screen: Screen;
  #begin = performance.now();
  #state: ProgressState;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Begins to show it.
   *
   * @param screen Where.
   * @param goal What there is to do.
   */
  constructor(screen: Screen, goal: ProgressGoal) {
    this.#screen = screen;
    this.#state = begun(goal);
    this.#timer = setInterval(() => this.#show(), screen.live ? DRAW_EVERY : LOG_EVERY);
  }

  /**
   * Begins to count something else.
   *
   * @param goal What there is to do now.
   */
  turnTo(goal: ProgressGoal): void {
    this.#begin = performance.now();
    this.#state = begun(goal);
  }

  /**
   * Counts what was done since the last call.
   *
   * @param step How much it is.
   */
  add(step: ProgressStep): void {
    count(this.#state.done, step);
  }

  /**
   * Counts what earlier runs have done.
   *
   * @param step How much it is.
   */
  resume(step: ProgressStep): void {
    count(this.#state.done, step);
    count(this.#state.resumed, step);
  }

  /** Ends the display and clears the bar. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#screen.draw("");
  }

  #show(): void {
    this.#state.seconds = (performance.now() - this.#begin) / 1000;
    if (this.#screen.live) this.#screen.draw(progressBar(this.#state, this.#screen.columns));
    else this.#screen.say(progressLine(this.#state));
  }
}

function begun(goal: ProgressGoal): ProgressState {
  return { goal, done: nothing(), resumed: nothing(), seconds: 0 };
}

function nothing(): Required<ProgressStep> {
  return { count: 0, bytes: 0, read: 0 };
}

function count(sum: Required<ProgressStep>, step: ProgressStep): void {
  sum.count += step.count;
  sum.bytes += step.bytes;
  sum.read += step.read ?? 0;
}
