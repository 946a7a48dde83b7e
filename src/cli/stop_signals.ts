import type { Terminal } from "./terminal.ts";

/** Exit codes of a program that a signal ends: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that asks to stop. */
type StopSignal = keyof typeof EXIT_CODES;

/**
 * Milliseconds in which two signals count as one. A terminal gives Ctrl-C to all of its processes, and one of them may
 * hand it on to another, as `timeout` does: nobody has pressed it twice then.
 */
const TOGETHER = 250;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an abort, for as long as it is not disposed of. A second Ctrl-C ends the process
 * at once, by the system: also where nothing else has a turn any more.
 */
export class StopSignals implements Disposable {
  readonly #controller = new AbortController();
  readonly #terminal: Pick<Terminal, "say">;
  readonly #message: string;
  readonly #listeners = new Map<StopSignal, () => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Listens from now on.
   *
   * @param terminal Where to say something.
   * @param message Said at the first signal.
   */
  constructor(terminal: Pick<Terminal, "say">, message: string) {
    this.#terminal = terminal;
    this.#message = message;
    const signals: StopSignal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
    if (isHangupIgnored()) {
      signals.pop();
      // The first listener to any signal makes Deno forget that this one is ignored. So it stays until the process ends.
      Deno.addSignalListener("SIGHUP", () => {});
    }
    for (const signal of signals) this.#listen(signal);
  }

  /** Aborted by a signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that stands for the signal that came. */
  get exitCode(): number {
    return EXIT_CODES[this.signal.reason as StopSignal];
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of [...this.#listeners.keys()]) this.#leave(signal);
  }

  #listen(signal: StopSignal): void {
    const listener = () => this.#stop(signal);
    this.#listeners.set(signal, listener);
    Deno.addSignalListener(signal, listener);
  }

  #leave(signal: StopSignal): void {
    const listener = this.#listeners.get(signal);
    if (listener !== undefined) Deno.removeSignalListener(signal, listener);
    this.#listeners.delete(signal);
  }

  #stop(signal: StopSignal): void {
    if (this.signal.aborted) return;
    this.#terminal.say(`${this.#message}; Ctrl-C ends it at once`);
    this.#controller.abort(signal);
    this.#timer = setTimeout(() => this.#leave("SIGINT"), TOGETHER);
  }
}

/**
 * Whether SIGHUP was ignored when this process began, as with `nohup`. Only Linux tells, before the first listener, and
 * only to a program with all permissions.
 */
function isHangupIgnored(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
    return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
