/** How long a server is waited for, and how often it is asked again. */
export interface Patience {
  /** How often a read may fail before it is given up. */
  tries: number;
  /** Milliseconds before it is tried again after the first failure; each further wait is twice as long. */
  firstWait: number;
  /** No wait of its own is longer, in milliseconds. */
  longestWait: number;
  /** No wait that a server asks for may be longer, in milliseconds. */
  longestAsked: number;
  /** After so many milliseconds in which nothing came, a request is given up. */
  silence: number;
}

/**
 * Waits of half a minute in all, and what a server asks for besides. The Hub of Hugging Face counts requests in windows
 * of five minutes (hub/rate-limits of its documentation).
 */
export const PATIENCE: Patience = {
  tries: 8,
  firstWait: 250,
  longestWait: 10_000,
  longestAsked: 600_000,
  silence: 60_000,
};

/**
 * How long to wait before a read is tried again.
 *
 * @param failures How often it has failed, from 1.
 * @param patience Within which bounds.
 * @returns Milliseconds; by chance up to a half more, so that not all jobs come back at once.
 */
export function waitAfter(failures: number, { firstWait, longestWait }: Patience): number {
  return Math.min(longestWait, firstWait * 2 ** (failures - 1)) * (1 + Math.random() / 2);
}

/**
 * How long a server asks to be left alone.
 *
 * @param headers Of its answer. `Retry-After` is seconds or a date (RFC 9110, 10.2.3). `RateLimit` is what the Hub of
 * Hugging Face sends: `"resolvers";r=0;t=55`, requests left and seconds until there are more.
 * @param now The time, in milliseconds since 1970.
 * @returns Milliseconds; undefined if it does not say.
 */
export function askedWait(headers: Headers, now: number = Date.now()): number | undefined {
  const after = headers.get("Retry-After")?.trim() ?? "";
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const limit = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get("RateLimit") ?? "");
  return limit === null ? undefined : Number(limit[1]) * 1000;
}

/** A failure that may pass. */
export class PassingFailure extends Error {
  /** Milliseconds that the server asks to be left alone, if it does. */
  readonly asked: number | undefined;

  /** @param message What failed. @param asked Milliseconds that the server asks to be left alone. */
  constructor(message: string, asked?: number) {
    super(message);
    this.asked = asked;
  }
}

/** Ends a request in which nothing comes any more. */
export class Silence implements Disposable {
  /** Aborted then, or when somebody else ends it. */
  readonly signal: AbortSignal;
  readonly #silent = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param signal That of somebody else.
   * @param patience How long it may be silent.
   */
  constructor(signal: AbortSignal, { silence }: Patience) {
    this.signal = AbortSignal.any([signal, this.#silent.signal]);
    this.#milliseconds = silence;
    this.broken();
  }

  /** Something came. */
  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = this.#milliseconds / 1000;
      this.#silent.abort(new PassingFailure(`nothing came from the server for ${seconds} seconds`));
    }, this.#milliseconds);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Waits.
 *
 * @param milliseconds How long.
 * @param signal Ends it; what was given as its reason is thrown.
 */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", onAbort);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
