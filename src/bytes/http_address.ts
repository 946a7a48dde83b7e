/** A file at a URL, and what is sent to its host alone. */
export interface HttpAddress {
  /** The URL, without user and password. */
  url: string;
  /** Headers that are secrets, or may be. They are sent to the URL's own origin, and nowhere that it redirects to. */
  headers: [name: string, value: string][];
}

/**
 * Takes a URL apart: what it has of a user and a password becomes a header.
 *
 * @param text The URL, with `http:` or `https:`.
 * @param headers More headers for its host.
 */
export function httpAddress(text: string, headers: readonly [string, string][] = []): HttpAddress {
  const url = new URL(text);
  const { username, password } = url;
  url.username = url.password = url.hash = "";
  const own: [string, string][] = [...headers];
  if (username !== "" || password !== "") {
    const user = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    own.push(["Authorization", `Basic ${btoa(String.fromCharCode(...user))}`]);
  }
  return { url: url.href, headers: own };
}

/**
 * What messages call a URL: nothing of it gives anybody access. A query may, for that is how URLs are signed.
 *
 * @param text A URL.
 * @returns The URL without user and password, and `?...` in place of a query.
 */
export function nameOfUrl(text: string): string {
  const { protocol, host, pathname, search } = new URL(text);
  return `${protocol}//${host}${pathname}${search === "" ? "" : "?..."}`;
}

/**
 * A text in which no URL gives anybody access.
 *
 * @param text Any text, such as an argument with several URLs.
 * @returns The text, its URLs as {@linkcode nameOfUrl} has them.
 */
export function withoutSecrets(text: string): string {
  return text.replace(/(https?:\/\/)[^\s/?#]*@/gi, "$1").replace(/((?:https?|hf):\/\/[^\s,?#]*)\?[^\s,#]*/gi, "$1?...");
}

/**
 * Whether a path is a URL, as messages name it.
 *
 * @param path A path, or {@linkcode nameOfUrl}.
 */
export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/**
 * Whether two URLs have the same scheme, host and port.
 *
 * @param a A URL.
 * @param b Another.
 */
export function isSameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}
