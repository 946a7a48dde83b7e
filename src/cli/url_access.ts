import { isRemote, type UrlAccess } from "../source/dataset_at_url.ts";
import type { Option } from "./option.ts";
import { UsageError } from "./usage_error.ts";

/** A header as it is typed: `Authorization: Bearer ...`. */
type Header = [name: string, value: string];

/** `--header`: what opens private files at URLs. */
export const header: Option<readonly Header[]> = {
  value: "'NAME: VALUE'",
  repeatable: true,
  default: [],
  help: "a header for the host of a URL in --include, as private files need it",
  more:
    "a header for the host of a URL in `--include`, as private files need it: `'Authorization: Bearer ...'`. It is " +
    "sent to no other host, also where that one redirects to another. May be given more than once. `unrec help urls` " +
    "says more",
  parse: (texts, flag) => texts.map((text) => headerOf(text, flag)),
};

function headerOf(text: string, flag: string): Header {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*([\x20-\x7e]+)$/.exec(text.trim()) ?? [];
  // What was given may be a secret, and is not repeated.
  if (name === undefined) {
    throw new UsageError(`${flag} takes a name and a value, as in ${flag}='Authorization: Bearer X'`);
  }
  return [name, value.trim()];
}

/**
 * What opens URLs: headers, and what the tools of the Hub of Hugging Face are told by the variables `HF_TOKEN` and
 * `HF_ENDPOINT`.
 *
 * @param include What is read.
 * @param headers Headers for the host of the URLs.
 * @throws {UsageError} If there are headers, and URLs of none or of several hosts.
 */
export function urlAccess(include: readonly string[], headers: readonly Header[]): UrlAccess {
  const urls = include.filter(isRemote);
  const hub = variable("HF_ENDPOINT");
  if (headers.length > 0) {
    const hosts = new Set(urls.map((url) => URL.parse(url)?.host ?? ""));
    if (hosts.size === 0) throw new UsageError("--header is sent to the host of a URL, and --include has none");
    if (hosts.size > 1) {
      throw new UsageError(
        "--header would be sent to several hosts: read the URLs of each host with a command of its own",
      );
    }
  }
  return { headers, hub, hubToken: urls.length > 0 ? variable("HF_TOKEN") : undefined };
}

/** The value of a variable, where it may be looked at. */
function variable(name: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return undefined;
  return Deno.env.get(name) || undefined;
}
