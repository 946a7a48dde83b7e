/** The single binary, run from another folder on a machine without Deno. */
import { assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { testUnless, whyNoBinary } from "./needs.ts";
import { PROJECT } from "./run_unrec.ts";
import { makeTar } from "./source/archive/make_archive.ts";
import { filesOf, makeZip } from "./source/archive/make_zip.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { EXPECTED, expectedTree, includeOf, treeOf } from "./tree.ts";
import { WHY_NOT_DECODED } from "./verify/why_not_decoded.ts";

const NAME = "deno task compile gives one binary that decodes and verifies with one job and with two";

testUnless(await whyNoBinary() ?? WHY_NOT_DECODED, NAME, async (t) => {
  // Below /dev a program needs more permissions than the binary has.
  using folder = temporaryFolder("/tmp");
  const binary = `${folder.path}/unrec`;
  const [, ...args] = config.tasks.compile.split(" ");
  args[args.indexOf("--output") + 1] = binary;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PROJECT }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));

  /** Runs the binary, which must ask for nothing, to its end. */
  async function run(...args: string[]): Promise<void> {
    await runWith({}, ...args);
  }

  async function runWith(env: Record<string, string>, ...args: string[]): Promise<void> {
    const { code, stderr } = await new Deno.Command(binary, {
      args,
      cwd: folder.path,
      stdin: "null",
      clearEnv: true,
      env: { PATH: folder.path, HOME: folder.path, ...env },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  }

  for (
    const [kind, bytes] of [["tar", makeTar({ names: ["multipart"] })], ["zip", makeZip(filesOf("multipart"))]] as const
  ) {
    await t.step(`a ${kind} archive`, async () => {
      Deno.writeFileSync(`${folder.path}/archive`, bytes);
      const output = `${folder.path}/${kind}`;
      await run(`--include=${folder.path}/archive`, `--output=${output}`, "--jobs=2", "--quiet");
      assertEquals(treeOf(output), expectedTree("multipart"));
    });
  }
  await t.step("Parquet", async () => {
    const output = `${folder.path}/parquet`;
    await run(
      ...[`--include=${includeOf("multipart")}`, `--output=${output}`, "--format=parquet", "--shard-images=9"],
      ...["--jobs=2", "--quiet"],
    );
    const files = Array.from(Deno.readDirSync(`${output}/data`), ({ name }) => name);
    assertEquals(files.sort(), [0, 1, 2, 3].map((i) => `train-0000${i}-of-00004.parquet`));
  });
  await t.step("shuffled shards, and records in shares", async () => {
    const include = `--include=${includeOf("glint_mini")}`;
    const shuffled = `${folder.path}/shuffled`;
    await run(
      include,
      `--output=${shuffled}`,
      "--format=webdataset",
      "--shard-images=20",
      "--shuffle",
      "--jobs=2",
      "--quiet",
    );
    assertEquals(treeOf(shuffled).filter((line) => line.endsWith(".tar")).length, 5);
    const records = `${folder.path}/records`;
    for (const i of [1, 0]) {
      await run(include, `--output=${records}`, "--format=rec", `--shard=${i}/2`, "--jobs=2", "--quiet");
    }
    await run("finish", `--output=${records}`);
    const filesIn = (path: string) => treeOf(path).filter((line) => /train\.(rec|idx)$/.test(line));
    assertEquals(filesIn(records), filesIn(includeOf("glint_mini")));
  });
  await t.step("shares, as a scheduler numbers them, and what finishes them", async () => {
    const output = `${folder.path}/shares`;
    const options = [`--include=${includeOf("multipart")}`, `--output=${output}`, "--shard=auto/2", "--quiet"];
    for (const i of [1, 0]) await runWith({ JOB_COMPLETION_INDEX: `${i}` }, ...options);
    await run("finish", `--output=${output}`);
    assertEquals(treeOf(output), expectedTree("multipart"));
  });
  await t.step("a dataset at a URL", async () => {
    const set = includeOf("multipart");
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      return await serveFile(`${set}${new URL(request.url).pathname}`, request.headers.get("Range"));
    });
    const output = `${folder.path}/from_url`;
    await run(`--include=http://127.0.0.1:${server.addr.port}/`, `--output=${output}`, "--jobs=2", "--quiet");
    assertEquals(treeOf(output), expectedTree("multipart"));
  });
  for (const name of EXPECTED) {
    for (const jobs of [1, 2]) {
      await t.step(`${name} with --jobs=${jobs}`, async () => {
        const output = `${folder.path}/${name}_${jobs}`;
        const options = [`--include=${includeOf(name)}`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=300"];
        await run(...options, "--quiet");
        assertEquals(treeOf(output), expectedTree(name));
        await run("verify", "--decode", ...options);
      });
    }
  }
});

/** Answers as a server that knows ranges. */
async function serveFile(path: string, range: string | null): Promise<Response> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch {
    return new Response(null, { status: 404 });
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "")!.map(Number);
  const piece = bytes.subarray(first, last + 1);
  return new Response(piece, {
    status: 206,
    headers: {
      "Content-Range": `bytes ${first}-${first + piece.length - 1}/${bytes.length}`,
      "ETag": `"${path.length}"`,
    },
  });
}
