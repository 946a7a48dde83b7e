import { type Remedy, systemReason, UnrecError } from "../../errors.ts";
import { MessageQueue } from "./message_queue.ts";
import { Slots } from "./slots.ts";
import type { FromZipWorker, ToZipWorker, ZipEntry } from "./zip_worker.ts";

/**
 * A ZIP archive, read in a thread of its own: so inflating and what follows overlap, and the library that does it is
 * loaded only where there is such an archive.
 */
export class ZipThread implements Disposable {
  readonly #path: string;
  readonly #slots = new Slots();
  readonly #worker: Worker;
  readonly #answers = new MessageQueue<FromZipWorker | { kind: "died"; error: Error }>();

  /** @param path The archive, a file. */
  constructor(path: string) {
    this.#path = path;
    // `deno compile` embeds the worker by this very expression.
    this.#worker = new Worker(new URL("./zip_worker.ts", import.meta.url).href, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromZipWorker>) => this.#answers.push(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#answers.push({ kind: "died", error: new Error(`a worker ended: ${event.message}`) });
    };
    this.#tell({ kind: "open", path, slots: this.#slots.buffer });
  }

  /**
   * Lists the entries, in the order of the archive's table of contents.
   *
   * @yields One after the other; only some of them are in memory at a time.
   * @throws {UnrecError} If they cannot be read.
   */
  async *entries(): AsyncGenerator<ZipEntry, void> {
    for (let last = false; !last;) {
      this.#tell({ kind: "list" });
      const answer = await this.#next(this.#path);
      if (answer.kind !== "listed") throw new Error(`asked for entries, got ${answer.kind}`);
      yield* answer.entries;
      last = answer.last;
    }
  }

  /**
   * Inflates an entry.
   *
   * @param entry One of {@linkcode entries}.
   * @yields Inflated bytes, to be used before the next ones are asked for.
   * @throws {UnrecError} If it is damaged or cannot be read; all before was yielded.
   */
  async *read(entry: ZipEntry): AsyncGenerator<Uint8Array, void> {
    const name = `${entry.path} in ${this.#path}`;
    this.#tell({ kind: "read", entry });
    for (;;) {
      const answer = await this.#next(name);
      if (answer.kind === "inflated") {
        yield this.#slots.take(answer.bytes);
        this.#slots.release();
      } else if (answer.kind === "end") {
        if (answer.crc32 === entry.crc32) return;
        const reason = `its CRC-32 is ${hex(answer.crc32)} and should be ${hex(entry.crc32)}, so it is damaged`;
        throw new UnrecError(`Cannot trust ${name}: ${reason}`, { kind: "download-again", path: this.#path });
      }
    }
  }

  /** Ends the thread, which closes the archive. */
  [Symbol.dispose](): void {
    this.#slots.close();
    this.#tell({ kind: "close" });
  }

  /** The next answer to a question about something. */
  async #next(name: string): Promise<Exclude<FromZipWorker, { kind: "failed" | "no-library" }>> {
    const answer = await this.#answers.next();
    if (answer.kind === "died") throw answer.error;
    const path = this.#path;
    if (answer.kind === "no-library") {
      throw new UnrecError(answer.message, ...answer.remedies, { kind: "unzip", path });
    }
    if (answer.kind === "failed") {
      const { message, code } = answer;
      if (code !== undefined && !code.startsWith("Z_")) {
        throw new UnrecError(`Cannot read ${name}: ${systemReason(Object.assign(new Error(message), { code }))}`);
      }
      const problem = PROBLEMS.find(({ said }) => said.test(message));
      throw new UnrecError(
        `Cannot read ${name}: ${problem?.reason ?? `the archive is damaged (${message})`}`,
        problem?.remedy?.(path) ?? { kind: "download-again", path },
      );
    }
    return answer;
  }

  #tell(message: ToZipWorker): void {
    this.#worker.postMessage(message);
  }
}

/** What yauzl says of an archive, in other words where it speaks to programmers. */
const PROBLEMS: { said: RegExp; reason: string; remedy?: (path: string) => Remedy }[] = [
  {
    said: /signature not found/,
    reason: "it has no table of contents, which stands at a ZIP archive's end: it is cut short",
  },
  {
    said: /^Invalid comment length/,
    reason: "its table of contents does not stand at its end: it is cut short, or something was added",
  },
  {
    said: /^(file data overflows|unexpected EOF)/,
    reason: "its table of contents names bytes after its end: it is cut short or damaged",
  },
  {
    said: /^multi-disk/,
    reason: "it is the last file of a split ZIP archive (.z01, .z02 and so on, .zip)",
    remedy: (path) => ({ kind: "join-zip", path }),
  },
  {
    said: /^strong encryption/,
    reason: "its table of contents says that it is encrypted",
    remedy: (path) => ({ kind: "unpack-with-7z", path }),
  },
];

function hex(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}
