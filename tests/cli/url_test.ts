/** Datasets at URLs, read where they are by the command line. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SECRET, startNginx, WHY_NO_NGINX } from "../http/nginx.ts";
import { startProxy } from "../http/proxy.ts";
import { testUnless } from "../needs.ts";
import { complaints, type Finished, runUnrec, startUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, EXPECTED, expectedTree, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** The line of requests and bytes, as numbers. */
function trafficOf({ stderr }: Finished): { requests: number; bytes: number } {
  const said = /^unrec: Over the network: ([\d,]+) requests?, ([\d,]+) bytes? /m.exec(stderr);
  assert(said !== null, stderr);
  const [requests, bytes] = said.slice(1).map((number) => Number(number.replaceAll(",", "")));
  return { requests, bytes };
}

/** Runs the command line with variables of its own. */
async function runWith(env: Record<string, string>, ...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await startUnrec(args, "null", env).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** What went wrong: all but the layouts and the requests. */
function troubles(finished: Finished): string[] {
  return complaints(finished).filter((line) => !line.startsWith("unrec: Over the network: "));
}

testUnless(
  WHY_NO_NGINX,
  "every sample dataset at a URL: the tree of the file, with both engines and 1, 2, 5 jobs",
  async (t) => {
    await using server = await startNginx();
    for (const name of EXPECTED) {
      for (const [engine, jobs, chunk] of [["wasm", 1, "8M"], ["wasm", 5, "256"], ["ts", 2, "1K"]]) {
        await t.step(`${name}, ${engine}, ${jobs}`, async () => {
          using folder = temporaryFolder();
          const output = `${folder.path}/images`;
          const include = name.split("+").map((dataset) => `${server.url}/${dataset}`).join(",");
          const how = [`--engine=${engine}`, `--jobs=${jobs}`, `--chunk-size=${chunk}`];
          const finished = await runUnrec(`--include=${include}`, `--output=${output}`, ...how);
          const unexpected = troubles(finished).filter((line) => !line.startsWith("unrec: Warning: "));
          assertEquals([finished.code, unexpected], [0, []]);
          assertEquals(treeOf(output), expectedTree(name));
          assert(trafficOf(finished).requests > 0);
        });
      }
    }
  },
);

testUnless(
  WHY_NO_NGINX,
  "a run at a URL is gone on with after a kill, and finished tasks are not read again",
  async () => {
    using folder = temporaryFolder();
    writeDataset(
      `${folder.path}/faces`,
      faces({ identities: 30, images: 900, bytes: [500, 900], record0: "first" }),
    );
    await using server = await startNginx(folder.path);
    const [whole, output] = [`${folder.path}/whole`, `${folder.path}/images`];
    assertEquals((await runUnrec(`--include=${folder.path}/faces`, `--output=${whole}`)).code, 0);
    // The server goes silent after some requests.
    const held = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    await using proxy = startProxy(server.url, async (_, pass, place) => {
      if (place < 400) return await pass();
      asked.resolve();
      return await held.promise;
    });
    const how = [`--output=${output}`, "--jobs=2", "--chunk-size=1K"];
    const child = startUnrec([`--include=${proxy.url}/faces`, ...how]);
    await asked.promise;
    child.kill("SIGKILL");
    await child.output();
    held.resolve(new Response());
    assert(treeOf(output).length < 900);
    await using again = startProxy(server.url, async (_, pass) => await pass());
    const finished = await runUnrec(`--include=${again.url}/faces`, ...how);
    assertEquals(finished.code, 0, finished.stderr);
    assertStringIncludes(finished.stderr, "Going on where an earlier run ended");
    assertEquals(treeOf(output), treeOf(whole));
    const anew = await runUnrec(
      `--include=${again.url}/faces`,
      `--output=${folder.path}/anew`,
      "--jobs=2",
      "--chunk-size=1K",
    );
    assert(trafficOf(finished).requests < trafficOf(anew).requests - 200, finished.stderr);
    const done = await runUnrec(`--include=${server.url}/faces`, ...how, "--json");
    assertEquals([done.code, JSON.parse(done.stdout).status], [0, "already-complete"]);
    assertEquals(JSON.parse(done.stdout).traffic.requests, 3);
  },
);

for (const jobs of [1, 3]) {
  testUnless(WHY_NO_NGINX, `Ctrl-C ends a run with ${jobs} jobs that waits for a server`, async () => {
    using folder = temporaryFolder();
    await using server = await startNginx();
    const held = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    // To open it takes 3 requests for sizes and 3 for small pieces; what comes then is the reading of images.
    await using proxy = startProxy(server.url, async (request, pass, place) => {
      if (place < 20 || !request.url.endsWith(".rec")) return await pass();
      asked.resolve();
      return await held.promise;
    });
    const child = startUnrec([
      ...[`--include=${proxy.url}/glint_mini`, `--output=${folder.path}/images`],
      ...[`--jobs=${jobs}`, "--chunk-size=1K"],
    ]);
    await asked.promise;
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    held.resolve(new Response());
    assertEquals(code, 130);
    assertMatch(new TextDecoder().decode(stderr), /^unrec: Interrupted: .*to go on: /m);
  });
}

testUnless(
  WHY_NO_NGINX,
  "a file that changes ends the run, and the same command then reads the new one from its beginning",
  async () => {
    using folder = temporaryFolder();
    copyFolder(`${DATA}/glint_mini`, `${folder.path}/set`);
    await using server = await startNginx(folder.path);
    const output = `${folder.path}/images`;
    let change = true;
    await using proxy = startProxy(server.url, async (_, pass, place) => {
      if (place === 30 && change) {
        change = false;
        Deno.utimeSync(`${folder.path}/set/train.rec`, 1e9, 1e9);
      }
      return await pass();
    });
    const how = [`--include=${proxy.url}/set`, `--output=${output}`, "--chunk-size=1K"];
    const ended = await runUnrec(...how);
    assertEquals(ended.code, 1);
    assertStringIncludes(
      ended.stderr,
      `Cannot trust what was read of ${proxy.url}/set/train.rec: the file changed meanwhile`,
    );
    const again = await runUnrec(...how);
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(again.stderr, "has changed: what was written of it is removed, and it is read again");
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  },
);

testUnless(
  WHY_NO_NGINX,
  "without a strong ETag it is said what tells a change, and dates tell one run from the next",
  async () => {
    using folder = temporaryFolder();
    await using server = await startNginx();
    const output = `--output=${folder.path}/images`;
    const dated = await runUnrec(`--include=${server.url}/dated/glint_mini`, output);
    const url = `${server.url}/dated/glint_mini/train`;
    assertEquals([dated.code, troubles(dated)], [
      0,
      ["rec", "idx"].map((ending) =>
        `unrec: ${url}.${ending}: the server gives no strong ETag, so only its date and size tell whether it changes`
      ),
    ]);
    const unmarked = await runUnrec(`--include=${server.url}/unmarked/glint_mini`, "--dry-run");
    assertStringIncludes(unmarked.stderr, "so only its size tells whether it changes");
  },
);

testUnless(
  WHY_NO_NGINX,
  "private files: with --header, which goes to no other host, and is in no message",
  async () => {
    using folder = temporaryFolder();
    await using server = await startNginx();
    const include = `--include=${server.url}/private/glint_mini`;
    const refused = await runUnrec(include, "--dry-run");
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "the server answers 401 Unauthorized; give what opens it, with --header=");
    const given = await runUnrec(include, "--dry-run", `--header=Authorization: ${SECRET}`);
    assertEquals([given.code, troubles(given)], [0, []]);
    await server.requests();
    // A damaged set: what is told to be run next has the header's name only.
    const moved = server.url.replace("//", "//user:password@");
    const lost = await runUnrec(
      ...[`--include=${moved}/moved/glint_mini/train.rec?key=hidden`, "--header", "X-Key: hidden"],
      ...[`--output=${folder.path}/images`, "--labels=99999"],
    );
    assertEquals(lost.code, 1);
    assert(!/password|hidden/.test(lost.stdout + lost.stderr), lost.stderr);
    for (const { other, authorization } of await server.requests()) {
      assertEquals(authorization, other ? "" : `Basic ${btoa("user:password")}`);
    }
    const several = await runUnrec(`${include},http://localhost:1/a.rec`, "--dry-run", "--header=A: b");
    assertEquals(several.code, 2);
    assertStringIncludes(several.stderr, "--header would be sent to several hosts");
    const none = await runUnrec(`--include=${DATA}/glint_mini`, "--dry-run", "--header=A: b");
    assertEquals([none.code, /is sent to the host of a URL/.test(none.stderr)], [2, true]);
    const odd = await runUnrec(include, "--dry-run", "--header=hidden");
    assertEquals([odd.code, odd.stderr.includes("hidden")], [2, false]);
  },
);

testUnless(WHY_NO_NGINX, "what is not there, or cannot be read so, is said with a way out", async () => {
  await using server = await startNginx();
  for (
    const [url, message] of [
      ["none/train.rec", "Cannot open the dataset URL/none/train.rec: the server has no such file"],
      [
        "whole/glint_mini",
        "the server does not send parts of files; asked for one byte, it answered with all; download",
      ],
      ["glint.tar.gz", "an archive is not read from a URL; decode it with: curl -fL URL/glint.tar.gz | "],
      ["glint.zip", "an archive is not read from a URL; store it in a file and give that to --include"],
    ]
  ) {
    const { code, stderr } = await runUnrec(`--include=${server.url}/${url}`, "--dry-run");
    assertEquals(code, 1);
    assertStringIncludes(stderr.replaceAll(server.url, "URL"), message);
  }
  const { code, stderr } = await runUnrec("--include=http://127.0.0.1:1/x/", "--dry-run");
  assertEquals(code, 1);
  assertMatch(stderr, /^unrec: Cannot read http:\/\/127.0.0.1:1\/x\/.*: /m);
});

testUnless(WHY_NO_NGINX, "what reads a dataset here reads it at a URL, and says requests and bytes", async () => {
  using folder = temporaryFolder();
  await using server = await startNginx();
  const tree = `${folder.path}/images`;
  assertEquals((await runUnrec(`--include=${DATA}/multipart`, `--output=${tree}`)).code, 0);
  for (
    const command of [
      ["verify", `--output=${tree}`, "--deep", "--jobs=2", "--chunk-size=1K"],
      ["verify", "--checksums"],
      ["info"],
      ["info", "--all"],
      ["ls"],
      ["ls", "--people"],
      ["get", "1", `--output=${folder.path}/got`, "--overwrite"],
    ]
  ) {
    const at = await runUnrec(...command, `--include=${server.url}/multipart`);
    const here = await runUnrec(...command, `--include=${DATA}/multipart`);
    const plain = ({ stdout }: Finished) => stdout.replace(/^(seconds|rate) .*\n/gm, "").replaceAll(server.url, DATA);
    assertEquals([at.code, plain(at)], [here.code, plain(here)], command.join(" "));
    assert(trafficOf(at).requests > 3);
  }
  for (const command of ["verify", "info"]) {
    const { stdout } = await runUnrec(command, `--include=${server.url}/multipart`, "--json");
    const result = JSON.parse(stdout);
    assert((result.traffic ?? result.sources[0].traffic).requests > 3, stdout);
  }
  const { code, stderr } = await runUnrec("index", `--include=${server.url}/multipart`);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    `Cannot index ${server.url}/multipart/train.rec: nothing can be written there; download`,
  );
});

testUnless(WHY_NO_NGINX, "what is read of a URL is not read twice", async () => {
  using folder = temporaryFolder();
  writeDataset(
    `${folder.path}/faces`,
    faces({ identities: 40, images: 4000, bytes: [500, 900], record0: "first" }),
  );
  await using server = await startNginx(folder.path);
  const size = Deno.statSync(`${folder.path}/faces/train.rec`).size +
    Deno.statSync(`${folder.path}/faces/train.idx`).size;
  for (const command of [["decode", `--output=${folder.path}/images`], ["verify"]]) {
    const finished = await runUnrec(...command, `--include=${server.url}/faces`, "--jobs=2", "--chunk-size=64K");
    assertEquals(finished.code, 0, finished.stderr);
    const { requests, bytes } = trafficOf(finished);
    // Both ends and the identity records are looked at first; and a task may end in the middle of a record.
    assert(bytes >= size && bytes < 1.4 * size, `${command[0]}: ${bytes} of ${size}`);
    assert(requests < 150, `${command[0]}: ${requests}`);
  }
  // Of a few people only these are read.
  const some = await runUnrec(`--include=${server.url}/faces`, "--labels=7", `--output=${folder.path}/some`);
  assertEquals(some.code, 0, some.stderr);
  assert(trafficOf(some).bytes < 0.3 * size, `${some.stderr} of ${size}`);
});

testUnless(
  WHY_NO_NGINX,
  "over a slow link, whose answers come late and in drops, a subset is that of the file",
  async () => {
    using folder = temporaryFolder();
    await using server = await startNginx();
    const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    await using link = startProxy(server.url, async (_request, pass) => {
      await wait(40);
      const { body, status, headers } = await pass();
      const drops = new TransformStream<Uint8Array, Uint8Array>({
        async transform(piece, controller) {
          for (let at = 0; at < piece.length; at += 3000) {
            controller.enqueue(piece.slice(at, at + 3000));
            await wait(1);
          }
        },
      });
      return new Response(body?.pipeThrough(drops), { status, headers });
    });
    const choice = ["--labels=3-9", "--max-per-label=3", "--jobs=2"];
    const [far, near] = [`${folder.path}/far`, `${folder.path}/near`];
    assertEquals((await runUnrec(`--include=${DATA}/glint_mini`, `--output=${near}`, ...choice)).code, 0);
    const finished = await runUnrec(`--include=${link.url}/glint_mini`, `--output=${far}`, ...choice);
    assertEquals([finished.code, troubles(finished).length], [0, 1], finished.stderr);
    assertEquals(treeOf(far), treeOf(near));
  },
);

testUnless(WHY_NO_NGINX, "hf://: the folder of a version on the Hub, its signed redirects, its token", async () => {
  using folder = temporaryFolder();
  await using server = await startNginx();
  const came: [string, string | null][] = [];
  const version = "a%2Fb";
  await using hub = startProxy(server.url, (request) => {
    const { pathname } = new URL(request.url);
    came.push([pathname, request.headers.get("Authorization")]);
    const file = /^\/datasets\/gaunernst\/faces\/resolve\/(main|a%2Fb)\/set\/(train\.rec|train\.idx|property)$/.exec(
      pathname,
    );
    if (file === null) {
      return new Response("Entry not found", { status: 404, headers: { "X-Error-Code": "EntryNotFound" } });
    }
    const path = `glint_mini/${file[2]}`;
    const size = Deno.statSync(`${DATA}/${path}`).size;
    return new Response(null, {
      status: 302,
      headers: {
        Location: `${server.otherUrl}/stored/${path}?X-Amz-Signature=hidden`,
        "X-Linked-Etag": `"${file[2]}"`,
        "X-Linked-Size": `${size}`,
        "X-Repo-Commit": "0123",
      },
    });
  });
  const env = { HF_ENDPOINT: hub.url, HF_TOKEN: "hf_secret" };
  for (
    const [include, revision] of [["hf://datasets/gaunernst/faces/set", "main"], [
      `hf://datasets/gaunernst/faces@${version}/set/train.rec`,
      version,
    ]]
  ) {
    const output = `${folder.path}/${revision.length}`;
    const finished = await runWith(env, `--include=${include}`, `--output=${output}`);
    assertEquals([finished.code, troubles(finished)], [0, []]);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
    assertStringIncludes(Deno.readTextFileSync(`${output}/.unrec-journal`), '"etag":"\\"train.rec\\""');
    assert(!finished.stderr.includes("hidden") && !finished.stderr.includes("hf_secret"), finished.stderr);
    assertEquals(came.splice(0).map(([path]) => path.split("/")[5]), [revision, revision, revision]);
  }
  for (const { authorization } of await server.requests()) assertEquals(authorization, "");
  const asked = await runWith(env, "--include=hf://datasets/gaunernst/faces", "--dry-run");
  assertEquals(asked.code, 1);
  assertStringIncludes(asked.stderr, "/datasets/gaunernst/faces/resolve/main/train.rec: the server has no such file");
  assertEquals(new Set(came.map(([, authorization]) => authorization)), new Set(["Bearer hf_secret"]));
  const odd = await runWith(env, "--include=hf://models/x/y", "--dry-run");
  assertEquals([odd.code, /give hf:\/\/datasets\/OWNER\/NAME/.test(odd.stderr)], [1, true]);
});
