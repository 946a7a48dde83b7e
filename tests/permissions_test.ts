/** Reading and writing is all that a run needs to be permitted, of archives and with workers too. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { startNginx, WHY_NO_NGINX } from "./http/nginx.ts";
import { testUnless } from "./needs.ts";
import { complaints, type Finished, RUN } from "./run_unrec.ts";
import { makeTar } from "./source/archive/make_archive.ts";
import { filesOf, makeZip } from "./source/archive/make_zip.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { DATA, expectedTree, treeOf } from "./tree.ts";
import { faces, writeDataset } from "./write_dataset.ts";

/** Runs the command line with few permissions; nobody is there to be asked for more. */
async function runPermitted(permissions: string[], ...args: string[]): Promise<Finished> {
  const flags = RUN.flatMap((word) => word === "-A" ? ["--no-prompt", ...permissions] : [word]);
  const command = new Deno.Command(Deno.execPath(), { args: [...flags, ...args], env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const READ_WRITE = ["--allow-read", "--allow-write"];

Deno.test("--allow-read --allow-write suffice: decode, archives, verify, index, help", async () => {
  // Below /dev it takes more than these permissions to read.
  using folder = temporaryFolder("/tmp");
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  Deno.writeFileSync(`${folder.path}/a.zip`, makeZip(filesOf("glint_mini")));
  const run = async (...args: string[]) => {
    const finished = await runPermitted(READ_WRITE, ...args);
    assertEquals([finished.code, complaints(finished)], [0, []], args.join(" "));
    return finished;
  };
  for (
    const include of [
      `${DATA}/glint_mini/train.rec`,
      `${DATA}/glint_mini`,
      `${folder.path}/a.tgz`,
      `${folder.path}/a.zip`,
    ]
  ) {
    for (const jobs of [1, 2]) {
      const output = `${folder.path}/images`;
      const how = [`--include=${include}`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=1K"];
      await run(...how, "--relabel", "--fsync");
      assertEquals(treeOf(output), expectedTree("glint_mini"));
      assertStringIncludes((await run(...how, "--relabel", "--quiet")).stdout, "Already complete");
      await run(...how, "--dry-run", "--restart");
      Deno.removeSync(output, { recursive: true });
    }
  }
  const output = `${folder.path}/images`;
  await run(`--include=${folder.path}/a.tgz`, `--output=${output}`, `--keep-rec=${folder.path}/kept`);
  for (const jobs of [1, 2]) {
    const how = [`--include=${folder.path}/kept`, `--output=${output}`, `--jobs=${jobs}`, "--chunk-size=1K", "--deep"];
    await run("verify", ...how);
  }
  await run("verify", `--include=${folder.path}/kept`, "--checksums");
  Deno.removeSync(`${folder.path}/kept/train.idx`);
  await run("index", `--include=${folder.path}/kept`);
  await run("--help");
  await run("help", "resume");
  await run("completion", "bash");
  await run("--version");
});

testUnless(WHY_NO_NGINX, "a dataset at a URL needs --allow-net, and no more; without it that is said", async () => {
  using folder = temporaryFolder("/tmp");
  await using server = await startNginx();
  const args = [`--include=${server.url}/glint_mini`, `--output=${folder.path}/images`, "--jobs=2", "--chunk-size=1K"];
  const refused = await runPermitted(READ_WRITE, ...args);
  assertEquals(refused.code, 1);
  assertStringIncludes(
    refused.stderr,
    "this program was started without permission for it; start Deno with --allow-net as well",
  );
  const finished = await runPermitted([...READ_WRITE, "--allow-net=127.0.0.1"], ...args);
  assertEquals(finished.code, 0, finished.stderr);
  assertEquals(treeOf(`${folder.path}/images`), expectedTree("glint_mini"));
});

Deno.test("what is told to be run can be run with the same permissions", async () => {
  using folder = temporaryFolder("/tmp");
  const output = `--output=${folder.path}/images`;
  assertEquals((await runPermitted(READ_WRITE, `--include=${DATA}/glint_mini`, output)).code, 0);
  const { code, stderr } = await runPermitted(READ_WRITE, `--include=${DATA}/header_last`, output);
  assertEquals(code, 1);
  assertStringIncludes(stderr, " run --allow-read --allow-write ");
});

Deno.test("writing may be permitted for the output only", async () => {
  using folder = temporaryFolder("/tmp");
  writeDataset(`${folder.path}/faces`, faces({ identities: 5, images: 60, bytes: [500, 900], record0: "first" }));
  const permissions = ["--allow-read", `--allow-write=${folder.path}/images`];
  for (const jobs of [1, 2]) {
    const args = [`--include=${folder.path}/faces`, `--output=${folder.path}/images/${jobs}`, `--jobs=${jobs}`];
    const finished = await runPermitted(permissions, ...args, "--chunk-size=1K");
    assertEquals([finished.code, complaints(finished)], [0, []]);
    assertEquals(treeOf(`${folder.path}/images/${jobs}`).length, 60);
  }
});
