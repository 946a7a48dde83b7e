/** A server before another one, for what nginx cannot do: to refuse once, to cut an answer, to change a file. */

/** A request that came. */
export interface Came {
  path: string;
  range: string | null;
  authorization: string | null;
}

/** A proxy that runs. */
export interface Proxy extends AsyncDisposable {
  /** Its URL, without a slash at the end. */
  url: string;
  /** The requests so far. */
  came: Came[];
}

/**
 * Starts a proxy.
 *
 * @param target The URL of the other server, without a slash at the end.
 * @param answer Answers a request itself, or changes the answer that is fetched when it is asked for.
 */
export function startProxy(
  target: string,
  answer: (request: Request, pass: () => Promise<Response>, place: number) => Promise<Response> | Response,
): Proxy {
  const came: Came[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { headers } = request;
    came.push({ path: pathname + search, range: headers.get("Range"), authorization: headers.get("Authorization") });
    const pass = () => fetch(target + pathname, { headers, redirect: "manual" });
    return await answer(request, pass, came.length);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    came,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A server that cuts connections. */
export interface Cutter extends AsyncDisposable {
  /** The URL of its file. */
  url: string;
  /** The first byte of each request so far. */
  firsts: number[];
}

/**
 * Serves a file in parts, and cuts connections in the middle of answers. `Deno.serve` complains where it has to.
 *
 * @param bytes The file.
 * @param cuts After how many bytes each answer is cut; those after these are whole.
 */
export function startCutter(bytes: Uint8Array, cuts: readonly number[]): Cutter {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const firsts: number[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      using _ = connection;
      const buffer = new Uint8Array(4096);
      const request = new TextDecoder().decode(buffer.subarray(0, (await connection.read(buffer))!));
      const [first, last] = /^range: bytes=(\d+)-(\d+)/im.exec(request)!.slice(1).map(Number);
      const whole = bytes.subarray(first, last + 1);
      const head = `HTTP/1.1 206 Partial Content\r\nConnection: close\r\nContent-Length: ${whole.length}\r\n` +
        `Content-Range: bytes ${first}-${last}/${bytes.length}\r\nETag: "e"\r\n\r\n`;
      const sent = whole.subarray(0, cuts[firsts.push(first) - 1]);
      for (const part of [new TextEncoder().encode(head), sent]) {
        for (let written = 0; written < part.length;) written += await connection.write(part.subarray(written));
      }
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/train.rec`,
    firsts,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}
