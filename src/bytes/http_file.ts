import { systemReason, UnrecError } from "../errors.ts";
import { type HttpAddress, isSameOrigin, nameOfUrl } from "./http_address.ts";
import { askedWait, PassingFailure, type Patience, Silence, wait, waitAfter } from "./patience.ts";
import type { Traffic } from "./traffic.ts";

/** What is known of a file at a URL: from it a source is made, in this thread or another. Plain data. */
export interface HttpSpec extends HttpAddress {
  kind: "http";
  /** Its size in bytes. */
  size: number;
  /** The URL that answers: where redirects led. It may be signed, and good for a while only. */
  resolved: string;
  /** The ETag of its answers, if they have one. */
  etag: string | undefined;
  /** The `Last-Modified` of its answers, if they have one. */
  modified: string | undefined;
  /** The ETag that a redirect gave, as the Hub of Hugging Face does: that of the file, wherever it is stored. */
  linkedEtag: string | undefined;
}

/** How requests are sent. */
export interface HttpOptions {
  /** Counts them. */
  traffic: Traffic;
  /** How long a server is waited for. */
  patience: Patience;
  /** Ends them; what was given as its reason is thrown. */
  signal: AbortSignal;
}

/** Nobody redirects more often who does not go round in a circle. */
const MOST_REDIRECTS = 10;

/**
 * Finds out what is known of a file, with a request for its first byte.
 *
 * @param address Where it is.
 * @param options How requests are sent.
 * @returns What is known; undefined if there is none.
 * @throws {UnrecError} If it cannot be read, or only as a whole.
 */
export async function findHttpFile(address: HttpAddress, options: HttpOptions): Promise<HttpSpec | undefined> {
  return await persist(nameOfUrl(address.url), options, () => lookAt(address, options));
}

async function lookAt(address: HttpAddress, options: HttpOptions): Promise<HttpSpec | undefined> {
  const name = nameOfUrl(address.url);
  let url = address.url;
  let linkedEtag: string | undefined;
  using silence = new Silence(options.signal, options.patience);
  const { traffic } = options;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const answer = await send(address, url, { Range: "bytes=0-0" }, { traffic, signal: silence.signal });
    silence.broken();
    // What it says is in the headers.
    await answer.body?.cancel();
    const { status, headers } = answer;
    const location = headers.get("Location");
    if (isRedirect(status) && location !== null) {
      linkedEtag ??= headers.get("X-Linked-Etag") ?? undefined;
      url = targetOf(location, url, name);
      continue;
    }
    if (status === 404 || status === 410) return undefined;
    const [etag, modified] = ["ETag", "Last-Modified"].map((header) => headers.get(header) ?? undefined);
    return { ...address, kind: "http", size: sizeIn(answer, name), resolved: url, etag, modified, linkedEtag };
  }
  throw new UnrecError(`Cannot read ${name}: the server redirects more than ${MOST_REDIRECTS} times`);
}

/** Where a redirect leads. Only to the web: `fetch` reads files of this machine as well. */
function targetOf(location: string, from: string, name: string): string {
  const target = URL.parse(location, from);
  if (target?.protocol === "http:" || target?.protocol === "https:") return target.href;
  throw new UnrecError(`Cannot read ${name}: the server redirects to something that is no web address`);
}

/** The size of a file, from the answer to a request for its first byte. */
function sizeIn(answer: Response, name: string): number {
  const { status, headers } = answer;
  if (status === 206) {
    const range = rangeOf(answer);
    if (range?.size !== undefined) return range.size;
    throw new UnrecError(`Cannot read ${name}: the server does not say how many bytes it has`);
  }
  // An empty file has no first byte.
  if (status === 416 && headers.get("Content-Range") === "bytes */0") return 0;
  if (status !== 200) throw refusal(answer, name);
  if (headers.get("Content-Length") === "0") return 0;
  const type = headers.get("Content-Type")?.split(";")[0] ?? "";
  throw new UnrecError(
    `Cannot read ${name}: the server does not send parts of files; asked for one byte, it answered with all` +
      (type.startsWith("text/html") ? ", which is a web page" : ""),
    { kind: "download", url: name },
  );
}

/**
 * Which bytes an answer has, and of how many.
 *
 * @param answer A partial one.
 * @returns undefined if it does not say; without the size if that is not known.
 */
export function rangeOf({ headers }: Response): { first: number; last: number; size: number | undefined } | undefined {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("Content-Range") ?? "");
  if (range === null) return undefined;
  const [, first, last, size] = range;
  return { first: Number(first), last: Number(last), size: size === "*" ? undefined : Number(size) };
}

/**
 * Says that a server does not give what it was asked for.
 *
 * @param answer What it answered.
 * @param name What messages call the file.
 * @returns A {@linkcode PassingFailure} if it may work later.
 */
export function refusal({ status, statusText, headers }: Response, name: string): Error {
  const why = `the server answers ${`${status} ${statusText}`.trim()}`;
  if (status === 408 || status === 429 || status >= 500) return new PassingFailure(why, askedWait(headers));
  // What the Hub of Hugging Face says more: such as GatedRepo, and a sentence.
  const more = headers.get("X-Error-Message");
  const message = `Cannot read ${name}: ${why}${more === null ? "" : ` (${more.replace(/\.$/, "")})`}`;
  if (status === 401 || status === 403) return new UnrecError(message, { kind: "give-access", url: name });
  return new UnrecError(message);
}

/** Whether an answer sends to another URL. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * Sends a request.
 *
 * @param address The file: its headers are sent to its own origin only.
 * @param url The URL, which may be another one.
 * @param headers More headers.
 * @param options How.
 * @returns The answer; redirects are not followed.
 * @throws {PassingFailure} If there is none.
 * @throws {UnrecError} If it may not be sent.
 */
export async function send(
  address: HttpAddress,
  url: string,
  headers: Record<string, string>,
  { traffic, signal }: Pick<HttpOptions, "traffic" | "signal">,
): Promise<Response> {
  const all = new Headers(isSameOrigin(url, address.url) ? address.headers : []);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  // Bytes of a compressed answer would be other ones than those of the file.
  all.set("Accept-Encoding", "identity");
  signal.throwIfAborted();
  traffic.requests++;
  try {
    return await fetch(url, { headers: all, redirect: "manual", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, nameOfUrl(address.url));
  }
}

/** What went wrong with a connection. Deno's message has the URL in it, which may be a secret. */
function failureOf(error: unknown, name: string): Error {
  if (!(error instanceof Error)) throw error;
  if (error.name === "NotCapable") {
    return new UnrecError(`Cannot read ${name}: ${systemReason(error)}`, { kind: "permit-net" });
  }
  const { message } = error.cause instanceof Error ? error.cause : error;
  const end = message.lastIndexOf("): ");
  return new PassingFailure(end < 0 ? "there is no connection to the server" : message.slice(end + 3));
}

/**
 * Does something with a server, again and again while it fails for reasons that may pass.
 *
 * @param name What messages call the file.
 * @param options How long to go on.
 * @param action What is done.
 * @returns What it returns.
 * @throws {UnrecError} If it fails otherwise, or too often.
 */
export async function persist<T>(
  name: string,
  { traffic, patience, signal }: HttpOptions,
  action: () => Promise<T>,
): Promise<T> {
  for (let failures = 1;; failures++) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      const { asked = 0, message } = error;
      if (failures >= patience.tries || asked > patience.longestAsked) {
        const often = failures === 1 ? "" : `, the last of ${failures} times`;
        const when = asked > patience.longestAsked ? `, and asks to wait ${Math.ceil(asked / 1000)} seconds` : "";
        throw new UnrecError(`Cannot read ${name}: ${message}${often}${when}`);
      }
      traffic.waited += asked / 1000;
      await wait(Math.max(asked, waitAfter(failures, patience)), signal);
    }
  }
}
