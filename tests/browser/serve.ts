/** The server of the browser test, on the loopback interface. */
import { join, normalize } from "node:path";
import { PROJECT } from "../run_unrec.ts";
import { DATA } from "../tree.ts";

/** A server that runs. */
export interface LoopbackServer extends AsyncDisposable {
  /** Where its page is. */
  readonly url: string;
  /** How many ranges of files were asked for so far. */
  readonly ranges: number;
}

/** What a bundle without the engine imports in its place. */
const ENGINE = `const { instance } = await WebAssembly.instantiateStreaming(fetch("/engine"));
export const { findMagic, memory, scanIndex, scanRecords } = instance.exports;`;

/**
 * Serves an empty page, a script for it as `/page.js`, and the sample datasets below `/data/`, also in ranges.
 *
 * @param script The text of the script.
 */
export function servePage(script: string): LoopbackServer {
  let ranges = 0;
  const answer = (request: Request): Response => {
    const { pathname } = new URL(request.url);
    if (pathname === "/") {
      return text("text/html", '<!doctype html><title>unrec</title><link rel="icon" href="data:,">');
    }
    if (pathname === "/page.js") return text("text/javascript", script);
    if (pathname === "/decoder.wasm") return text("text/javascript", ENGINE);
    if (pathname === "/engine") return file(join(PROJECT, "src/wasm/decoder.wasm"), "application/wasm");
    if (!pathname.startsWith("/data/")) return new Response(null, { status: 404 });
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("Range") ?? "");
    if (range !== null) ranges++;
    return file(join(DATA, normalize(pathname.slice("/data".length))), "application/octet-stream", range);
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    get ranges() {
      return ranges;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function text(type: string, body: string): Response {
  return new Response(body, { headers: { "Content-Type": type } });
}

function file(path: string, type: string, range: RegExpExecArray | null = null): Response {
  const bytes = Deno.readFileSync(path);
  if (range === null) return new Response(bytes, { headers: { "Content-Type": type } });
  const [from, to] = [Number(range[1]), Number(range[2])];
  return new Response(bytes.subarray(from, to + 1), {
    status: 206,
    headers: { "Content-Type": type, "Content-Range": `bytes ${from}-${to}/${bytes.length}` },
  });
}
