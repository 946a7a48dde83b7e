/** Files at URLs: on a real server, and on one that does what a server should not. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { httpAddress, nameOfUrl } from "../../src/bytes/http_address.ts";
import { findHttpFile, type HttpSpec } from "../../src/bytes/http_file.ts";
import { HttpSource, strongEtag } from "../../src/bytes/http_source.ts";
import { PATIENCE, type Patience } from "../../src/bytes/patience.ts";
import { noTraffic } from "../../src/bytes/traffic.ts";
import { UnrecError } from "../../src/errors.ts";
import { SECRET, startNginx, WHY_NO_NGINX } from "../http/nginx.ts";
import { startCutter, startProxy } from "../http/proxy.ts";
import { testUnless } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";

/** Nobody waits in a test, but where a server asks for it. */
const IMPATIENT: Patience = { ...PATIENCE, firstWait: 1, longestWait: 1 };

const RECORDS = Deno.readFileSync(`${DATA}/glint_mini/train.rec`);

/** Finds out what is known of a file. */
async function look(url: string, headers: [string, string][] = []): Promise<HttpSpec> {
  const found = await lookFor(url, headers);
  assert(found !== undefined, `${url} is there`);
  return found;
}

async function lookFor(url: string, headers: [string, string][] = []): Promise<HttpSpec | undefined> {
  const signal = new AbortController().signal;
  return await findHttpFile(httpAddress(url, headers), { traffic: noTraffic(), patience: IMPATIENT, signal });
}

/** Opens a file, and reads a piece of it. */
async function piece(spec: HttpSpec, offset: number, length: number): Promise<Uint8Array> {
  using source = new HttpSource(spec, { patience: IMPATIENT });
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await source.read(offset, bytes));
}

testUnless(WHY_NO_NGINX, "a file on nginx: its size and ETag, pieces of it, and what that took", async () => {
  await using server = await startNginx();
  const traffic = noTraffic();
  const url = `${server.url}/glint_mini/train.rec`;
  const spec = await look(url);
  assertEquals([spec.size, spec.resolved], [RECORDS.length, url]);
  assertMatch(strongEtag(spec)!, /^"[^"]+"$/);
  using source = new HttpSource(spec, { traffic });
  assertEquals([source.name, source.size], [url, RECORDS.length]);
  for (const [offset, length] of [[0, 10], [5, 100_000], [RECORDS.length - 7, 7], [RECORDS.length - 7, 100]]) {
    const bytes = new Uint8Array(length);
    const count = await source.read(offset, bytes);
    assertEquals(bytes.subarray(0, count), RECORDS.subarray(offset, offset + length));
  }
  assertEquals(await source.read(RECORDS.length, new Uint8Array(5)), 0);
  assertEquals(await source.read(0, new Uint8Array(0)), 0);
  assertEquals(traffic, { requests: 4, bytes: 10 + 100_000 + 7 + 7, waited: 0 });
  const requests = await server.requests();
  assertEquals(requests.map(({ status, range }) => `${status} ${range}`), [
    "206 bytes=0-0",
    "206 bytes=0-9",
    "206 bytes=5-100004",
    ...Array(2).fill(`206 bytes=${RECORDS.length - 7}-${RECORDS.length - 1}`),
  ]);
  assertEquals(requests.map(({ ifMatch }) => ifMatch), ["", ...Array(4).fill(spec.etag)]);
});

testUnless(WHY_NO_NGINX, "a server that compresses is asked not to", async () => {
  await using server = await startNginx();
  const spec = await look(`${server.url}/gzip/glint_mini/train.idx`);
  const text = Deno.readFileSync(`${DATA}/glint_mini/train.idx`);
  assertEquals(spec.size, text.length);
  assertEquals(await piece(spec, 3, 500), text.subarray(3, 503));
});

testUnless(WHY_NO_NGINX, "a server that sends no parts: nothing more is read, and it is said", async () => {
  await using server = await startNginx();
  const url = `${server.url}/whole/glint_mini/train.rec`;
  const error = await assertRejects(() => look(url), UnrecError);
  assertEquals(
    error.message,
    `Cannot read ${url}: the server does not send parts of files; asked for one byte, it answered with all`,
  );
  assertEquals(error.remedies, [{ kind: "download", url }]);
});

testUnless(WHY_NO_NGINX, "an empty file is one of 0 bytes, and none is none", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/empty`, "");
  await using server = await startNginx(folder.path);
  assertEquals((await look(`${server.url}/empty`)).size, 0);
  assertEquals(await lookFor(`${server.url}/none`), undefined);
});

testUnless(WHY_NO_NGINX, "a redirect is followed once, and neither it nor messages get the secrets", async () => {
  await using server = await startNginx();
  const url = `${server.url}/moved/glint_mini/train.rec`.replace("//", "//user:pa%20ss@");
  const spec = await look(url, [["X-Key", "hidden too"]]);
  assertEquals(spec.resolved, `${server.otherUrl}/stored/glint_mini/train.rec?signature=hidden`);
  assertEquals(nameOfUrl(spec.resolved), `${server.otherUrl}/stored/glint_mini/train.rec?...`);
  using source = new HttpSource(spec);
  assertEquals(source.name, `${server.url}/moved/glint_mini/train.rec`);
  for (const offset of [0, 1000, 2000]) {
    const bytes = new Uint8Array(1000);
    await source.read(offset, bytes);
    assertEquals(bytes, RECORDS.subarray(offset, offset + 1000));
  }
  assertEquals((await server.requests()).map(({ other, authorization }) => [other, authorization]), [
    [false, `Basic ${btoa("user:pa ss")}`],
    ...Array(4).fill([true, ""]),
  ]);
});

testUnless(WHY_NO_NGINX, "redirects in a circle, and to a file of this machine, are refused", async () => {
  await using server = await startNginx();
  const url = `${server.url}/circle/x`;
  await assertRejects(() => look(url), UnrecError, `Cannot read ${url}: the server redirects more than 10 times`);
  await using proxy = startProxy(server.url, () => Response.redirect("file:///etc/passwd"));
  await assertRejects(() => look(`${proxy.url}/x`), UnrecError, "redirects to something that is no web address");
});

testUnless(WHY_NO_NGINX, "a private file: with the secret, and without", async () => {
  await using server = await startNginx();
  const url = `${server.url}/private/glint_mini/train.rec`;
  assertEquals(await piece(await look(url, [["Authorization", SECRET]]), 8, 9), RECORDS.subarray(8, 17));
  const error = await assertRejects(() => look(url), UnrecError);
  assertEquals(error.message, `Cannot read ${url}: the server answers 401 Unauthorized`);
  assertEquals(error.remedies, [{ kind: "give-access", url }]);
});

testUnless(WHY_NO_NGINX, "a file that changes ends the reading, whatever the server says of it", async () => {
  for (const folder of ["", "weak/", "dated/", "unmarked/"]) {
    using root = temporaryFolder();
    await using server = await startNginx(root.path);
    const path = `${root.path}/file`;
    const write = (text: string, time: number) => {
      Deno.writeTextFileSync(path, text);
      Deno.utimeSync(path, time, time);
    };
    write("0123456789", 1e9);
    const spec = await look(`${server.url}/${folder}file`);
    assertEquals(strongEtag(spec) !== undefined, folder === "");
    assertEquals(await piece(spec, 0, 3), new TextEncoder().encode("012"));
    // Without a mark only the size tells.
    write(folder === "unmarked/" ? "0123456789x" : "9876543210", 1e9 + 1);
    await assertRejects(() => piece(spec, 3, 3), UnrecError, "the file changed meanwhile");
    write("012", 1e9);
    await assertRejects(() => piece(spec, 3, 3), UnrecError, "the file changed meanwhile");
  }
});

Deno.test("an answer that breaks off goes on at the byte reached", async () => {
  await using server = startCutter(RECORDS, [1, 0, 5, 1000, 30_000]);
  const bytes = await piece(await look(server.url), 100, 60_000);
  assertEquals(bytes, RECORDS.subarray(100, 60_100));
  assertEquals(server.firsts, [0, 100, 100, 105, 1105, 31_105]);
});

testUnless(WHY_NO_NGINX, "a server that is out of order is asked again, but not for ever", async () => {
  await using server = await startNginx();
  let failures = IMPATIENT.tries - 1;
  await using proxy = startProxy(server.url, async (_, pass, place) => {
    if (place > 1 && failures-- > 0) return new Response(null, { status: 502 });
    return await pass();
  });
  const url = `${proxy.url}/glint_mini/train.rec`;
  const spec = await look(url);
  assertEquals(await piece(spec, 0, 9), RECORDS.subarray(0, 9));
  failures = IMPATIENT.tries;
  await assertRejects(
    () => piece(spec, 0, 9),
    UnrecError,
    `Cannot read ${url}: the server answers 502 Bad Gateway, the last of 8 times`,
  );
  await proxy[Symbol.asyncDispose]();
  await assertRejects(() => piece({ ...spec, url: `${url}?key=secret` }, 0, 9), UnrecError, "onnection refused");
  await assertRejects(() => piece({ ...spec, url: `${url}?key=secret` }, 0, 9), UnrecError, `${url}?...: `);
});

testUnless(WHY_NO_NGINX, "429: Retry-After and RateLimit are obeyed, and no wait is endless", async () => {
  await using server = await startNginx();
  const asks: Record<string, string>[] = [{ "Retry-After": "0" }, { "Retry-After": "1" }, {
    RateLimit: '"resolvers";r=0;t=1',
  }];
  await using proxy = startProxy(server.url, async (_, pass, place) => {
    const headers = asks[place - 2];
    return headers === undefined ? await pass() : new Response(null, { status: 429, headers });
  });
  const url = `${proxy.url}/glint_mini/train.rec`;
  const spec = await look(url);
  const traffic = noTraffic();
  using source = new HttpSource(spec, { traffic, patience: IMPATIENT });
  const begin = performance.now();
  await source.read(0, new Uint8Array(9));
  assert(performance.now() - begin >= 2000);
  assertEquals(traffic, { requests: 4, bytes: 9, waited: 2 });
  asks.push({}, { "Retry-After": "100000" });
  await assertRejects(
    () => piece(spec, 0, 9),
    UnrecError,
    `Cannot read ${url}: the server answers 429 Too Many Requests, and asks to wait 100000 seconds`,
  );
});

testUnless(WHY_NO_NGINX, "a signed URL that has run out is looked up anew, once", async () => {
  await using server = await startNginx();
  let signature = 1;
  let refuses = false;
  await using stored = startProxy(server.url, async (request, pass) => {
    const given = new URL(request.url).searchParams.get("signature");
    return given === `${signature}` && !refuses ? await pass() : new Response(null, { status: 403 });
  });
  await using front = startProxy(server.url, () =>
    new Response(null, {
      status: 302,
      headers: { Location: `${stored.url}/glint_mini/train.rec?signature=${signature}`, "X-Linked-Etag": '"whole"' },
    }));
  const spec = await look(`${front.url}/train.rec`);
  assertEquals([strongEtag(spec), front.came.length, stored.came.length], ['"whole"', 1, 1]);
  using source = new HttpSource(spec, { patience: IMPATIENT });
  const bytes = new Uint8Array(9);
  await source.read(0, bytes);
  assertEquals(front.came.length, 1);
  signature = 2;
  // Those that are under way together look it up together.
  const pieces = Array.from({ length: 4 }, () => new Uint8Array(500));
  await Promise.all(pieces.map((into, i) => source.read(500 * i, into)));
  pieces.forEach((into, i) => assertEquals(into, RECORDS.subarray(500 * i, 500 * i + 500)));
  assertEquals(front.came.length, 2);
  // Where the new one is refused as well, that is the answer.
  refuses = true;
  await assertRejects(() => source.read(0, bytes), UnrecError, "the server answers 403 Forbidden");
  assertEquals(front.came.length, 3);
});

testUnless(WHY_NO_NGINX, "a server that sends other bytes, or all of them, or more than were asked for", async () => {
  await using server = await startNginx();
  let how = "";
  await using proxy = startProxy(server.url, async (_, pass) => {
    const answer = await pass();
    if (how === "") return answer;
    await answer.body?.cancel();
    const headers = new Headers(answer.headers);
    headers.delete("Content-Length");
    if (how === "all") return new Response("all", { status: 200, headers });
    if (how === "more") return new Response("x".repeat(100), { status: 206, headers });
    if (how === "other") headers.set("Content-Range", `bytes 1-10/${RECORDS.length}`);
    if (how === "size") headers.set("Content-Range", `bytes 0-8/${RECORDS.length + 1}`);
    return new Response("123456789", { status: 206, headers });
  });
  const url = `${proxy.url}/glint_mini/train.rec`;
  const spec = await look(url);
  for (
    const [kind, message] of [
      ["all", "at byte 0: the server sends all of it, and not a part"],
      ["more", "at byte 0: the server sends other bytes than asked for"],
      ["other", "at byte 0: the server sends other bytes than asked for"],
      ["size", "the file changed meanwhile"],
    ]
  ) {
    how = kind;
    await assertRejects(() => piece(spec, 0, 9), UnrecError, message);
  }
});

testUnless(WHY_NO_NGINX, "a server that falls silent is given up", async () => {
  await using server = await startNginx();
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using proxy = startProxy(server.url, async (_, pass, place) => place === 2 ? await promise : await pass());
  const spec = await look(`${proxy.url}/glint_mini/train.rec`);
  using source = new HttpSource(spec, { patience: { ...IMPATIENT, silence: 50 } });
  const bytes = new Uint8Array(9);
  await source.read(0, bytes);
  assertEquals([bytes, proxy.came.length], [RECORDS.slice(0, 9), 3]);
  resolve(new Response());
});

testUnless(
  WHY_NO_NGINX,
  "what is under way ends when the source is closed, and when somebody asks for it",
  async () => {
    await using server = await startNginx();
    const held = Promise.withResolvers<Response>();
    await using proxy = startProxy(
      server.url,
      async (_, pass, place) => place === 1 ? await pass() : await held.promise,
    );
    const spec = await look(`${proxy.url}/glint_mini/train.rec`);
    const closed = new HttpSource(spec);
    const reading = closed.read(0, new Uint8Array(9));
    closed[Symbol.dispose]();
    await assertRejects(() => reading, UnrecError, "it is closed");
    const asked = new AbortController();
    using source = new HttpSource(spec, { signal: asked.signal });
    const other = source.read(0, new Uint8Array(9));
    asked.abort(new Error("enough"));
    await assertRejects(() => other, Error, "enough");
    await assertRejects(() => source.read(0, new Uint8Array(9)), Error, "enough");
    held.resolve(new Response());
  },
);
