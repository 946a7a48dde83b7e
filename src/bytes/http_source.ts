import { UnrecError } from "../errors.ts";
import { nameOfUrl } from "./http_address.ts";
import {
  findHttpFile,
  type HttpOptions,
  type HttpSpec,
  isRedirect,
  persist,
  rangeOf,
  refusal,
  send,
} from "./http_file.ts";
import { PassingFailure, PATIENCE, Silence } from "./patience.ts";
import type { ByteSource } from "./reading.ts";
import { noTraffic, type Traffic } from "./traffic.ts";

/**
 * A file at a URL, read in ranges: a request for each read. What fails for a reason that may pass is tried again, from
 * the byte on that was reached. It keeps nothing; what reads ahead, merges or caches is wrapped around it.
 */
export class HttpSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  /** What went over the network for it. */
  readonly traffic: Traffic;
  #spec: HttpSpec;
  readonly #options: HttpOptions;
  readonly #closed = new AbortController();
  /** Finding out anew where the file is, while that is under way. */
  #renewal: Promise<void> | undefined;

  /**
   * @param spec What is known of the file.
   * @param options How requests are sent; without a signal of somebody, they end when this is disposed of.
   */
  constructor(spec: HttpSpec, { signal, traffic = noTraffic(), patience = PATIENCE }: Partial<HttpOptions> = {}) {
    this.name = nameOfUrl(spec.url);
    this.size = spec.size;
    this.traffic = traffic;
    this.#spec = spec;
    const signals = [this.#closed.signal, ...signal === undefined ? [] : [signal]];
    this.#options = { traffic, patience, signal: AbortSignal.any(signals) };
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    const wanted = into.subarray(0, Math.max(0, this.size - offset));
    let filled = 0;
    await persist(this.name, this.#options, async () => {
      while (filled < wanted.length) {
        await this.#stream(offset + filled, wanted.length - filled, (bytes) => {
          wanted.set(bytes, filled);
          filled += bytes.length;
        });
      }
    });
    return wanted.length;
  }

  /** Ends the requests that are under way. */
  [Symbol.dispose](): void {
    this.#closed.abort(new UnrecError(`Cannot read ${this.name}: it is closed`));
  }

  /** Reads bytes, and hands them on as they come. */
  async #stream(offset: number, length: number, take: (bytes: Uint8Array) => void): Promise<void> {
    const { traffic, patience } = this.#options;
    using silence = new Silence(this.#options.signal, patience);
    const { signal } = silence;
    try {
      const answer = await this.#ask(offset, offset + length - 1, { traffic, patience, signal });
      let left = rangeOf(answer)!.last + 1 - offset;
      for await (const bytes of answer.body!) {
        silence.broken();
        traffic.bytes += bytes.length;
        left -= bytes.length;
        if (left < 0) throw this.#otherBytes(offset);
        take(bytes);
      }
      if (left > 0) throw new PassingFailure("the answer ended early");
    } catch (error) {
      if (error instanceof UnrecError || error instanceof PassingFailure) throw error;
      signal.throwIfAborted();
      throw new PassingFailure("the connection was cut");
    }
  }

  /** Asks for bytes; the answer has the first of them, and those of the same file as before. */
  async #ask(first: number, last: number, options: HttpOptions): Promise<Response> {
    const asked = this.#spec.resolved;
    let answer = await this.#request(first, last, options);
    // A signed URL is good for a while only.
    if (isRedirect(answer.status) || answer.status === 403 && asked !== this.#spec.url) {
      await answer.body?.cancel();
      if (asked === this.#spec.resolved) await (this.#renewal ??= this.#renew(options));
      answer = await this.#request(first, last, options);
    }
    if (answer.status !== 206) {
      await answer.body?.cancel();
      if (answer.status === 412 || answer.status === 416) throw this.#changed();
      if (answer.status === 200) {
        throw this.#isSame(answer)
          ? new UnrecError(`Cannot read ${this.name} at byte ${first}: the server sends all of it, and not a part`)
          : this.#changed();
      }
      throw refusal(answer, this.name);
    }
    const range = rangeOf(answer);
    const isOther = range?.first !== first || range.last > last;
    if (isOther || range.size !== this.size || !this.#isSame(answer)) {
      await answer.body?.cancel();
      if (!isOther) throw this.#changed();
      throw this.#otherBytes(first);
    }
    return answer;
  }

  async #request(first: number, last: number, options: HttpOptions): Promise<Response> {
    const { etag, resolved } = this.#spec;
    const headers: Record<string, string> = { Range: `bytes=${first}-${last}` };
    // Never If-Range: to that a server answers with all of the new file.
    if (isStrong(etag)) headers["If-Match"] = etag;
    return await send(this.#spec, resolved, headers, options);
  }

  /** Finds out anew where the file is. */
  async #renew(options: HttpOptions): Promise<void> {
    try {
      const now = await findHttpFile(this.#spec, options);
      if (now === undefined || now.size !== this.size || !isSameVersion(this.#spec, now)) throw this.#changed();
      this.#spec = now;
    } finally {
      this.#renewal = undefined;
    }
  }

  #isSame({ headers }: Response): boolean {
    const now = { etag: headers.get("ETag") ?? undefined, modified: headers.get("Last-Modified") ?? undefined };
    return isSameVersion({ ...this.#spec, linkedEtag: undefined }, { ...now, linkedEtag: undefined });
  }

  #otherBytes(offset: number): UnrecError {
    return new UnrecError(`Cannot read ${this.name} at byte ${offset}: the server sends other bytes than asked for`);
  }

  #changed(): UnrecError {
    return new UnrecError(
      `Cannot trust what was read of ${this.name}: the file changed meanwhile`,
      { kind: "text", text: "run the same command again when nothing writes there any more" },
    );
  }
}

/** What tells a version of a file from others. */
type Version = Pick<HttpSpec, "etag" | "modified" | "linkedEtag">;

/**
 * The ETag that tells for sure whether a file has changed.
 *
 * @param version What is known of the file.
 * @returns undefined if the server gives none, or a weak one.
 */
export function strongEtag({ etag, linkedEtag }: Version): string | undefined {
  return [linkedEtag, etag].find(isStrong);
}

function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && !etag.startsWith("W/");
}

/** Whether nothing says that two versions differ. */
function isSameVersion(before: Version, now: Version): boolean {
  for (const name of ["linkedEtag", "etag", "modified"] as const) {
    if (before[name] === undefined || now[name] === undefined) continue;
    if (before[name] !== now[name]) return false;
    if (isStrong(before[name]) && name !== "modified") return true;
  }
  return true;
}
