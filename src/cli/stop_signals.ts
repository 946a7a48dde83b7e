import type { Terminal } from "./terminal.ts";

/** Exit codes of a program that a signal ends: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Turns Ctrl-C and SIGTERM into an abort, for as long as it is not disposed of. */
export class StopSignals implements Disposable {
  readonly #controller = new AbortController();
  readonly #terminal: Pick<Terminal, "say">;
  readonly #message: string;
  readonly #onInterrupt = () => this.#stop("SIGINT");
  readonly #onTerminate = () => this.#stop("SIGTERM");

  /**
   * Listens from now on.
   *
   * @param terminal Where to say something.
   * @param message Said at the first signal.
   */
  constructor(terminal: Pick<Terminal, "say">, message: string) {
    this.#terminal = terminal;
    this.#message = message;
    Deno.addSignalListener("SIGINT", this.#onInterrupt);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", this.#onTerminate);
  }

  /** Aborted by a signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that stands for the signal that came. */
  get exitCode(): number {
    return EXIT_CODES[this.signal.reason as keyof typeof EXIT_CODES];
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#onInterrupt);
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", this.#onTerminate);
  }

  #stop(signal: keyof typeof EXIT_CODES): void {
    if (!this.signal.aborted) this.#terminal.say(this.#message);
    this.#controller.abort(signal);
  }
}
