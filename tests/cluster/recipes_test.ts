/** What `unrec help cluster` says to do with GNU parallel, with ssh and with Kubernetes is done, as it is printed. */
import { assert, assertEquals } from "@std/assert";
import { haltWhen, letGoOn, writeMany } from "../halt.ts";
import { testUnless, whyNotRun } from "../needs.ts";
import { RUN, runUnrec, startUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { exists, expectedTree, includeOf, treeOf } from "../tree.ts";

const { stdout: TOPIC } = await runUnrec("help", "cluster");

/** A folder with `unrec` as an installed program; share 3 fails as long as there is a file `fail` beside it. */
function installed(): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder();
  const unrec = [Deno.execPath(), ...RUN].map((word) => `'${word}'`).join(" ");
  Deno.writeTextFileSync(
    `${folder.path}/unrec`,
    `#!/bin/sh\ncase "$*" in *--shard=3/*) [ ! -e ${folder.path}/fail ] || exit 1;; esac\nexec ${unrec} "$@"\n`,
    { mode: 0o755 },
  );
  return folder;
}

/** Runs what a topic says, with a set and an output in place of SET and DIR. */
function runPrinted(script: string, folder: string, output: string): number {
  const own = script.replaceAll("=SET", `=${includeOf("glint_mini")}`).replaceAll("=DIR", `=${output}`);
  const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
  return new Deno.Command("bash", { args: ["-c", own], cwd: folder, env, stdin: "null" }).outputSync().code;
}

testUnless(
  whyNotRun("parallel", "--version"),
  "GNU parallel: the printed command, and again for a share that failed",
  async () => {
    using folder = installed();
    const output = `${folder.path}/images`;
    const [script] = /^ {2}parallel [^]*?\n\n/m.exec(TOPIC)!;
    Deno.writeTextFileSync(`${folder.path}/fail`, "");
    assertEquals(runPrinted(script, folder.path, output), 1);
    assertEquals((await runUnrec("finish", `--output=${output}`)).code, 1);
    Deno.removeSync(`${folder.path}/fail`);
    assertEquals(runPrinted(script, folder.path, output), 0);
    assertEquals((await runUnrec("finish", `--output=${output}`)).code, 0);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  },
);

testUnless(whyNotRun("bash", "--version"), "ssh: the printed loop, where every machine is this one", () => {
  using folder = installed();
  const output = `${folder.path}/images`;
  const [script] = /^ {2}nodes=[^]*?finish.*\n/m.exec(TOPIC)!;
  Deno.writeTextFileSync(`${folder.path}/ssh`, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  assertEquals(runPrinted(script, folder.path, output), 0);
  assert(exists(`${output}/_SUCCESS`));
  assertEquals(treeOf(output), expectedTree("glint_mini"));
});

Deno.test({
  name: "Kubernetes: pods of the printed Job, of which one is evicted, and the Job that finishes",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder("/dev/shm");
    const [set, output, whole] = ["set", "images", "whole"].map((name) => `${folder.path}/${name}`);
    writeMany(set);
    assertEquals((await runUnrec(`--include=${set}`, `--output=${whole}`, "--quiet")).code, 0);
    const { stdout } = await runUnrec("help", "cluster", "--k8s");
    const [args, finishArgs] = Array.from(stdout.matchAll(/args: \[([^\]]*)\]/g), ([, list]) => {
      return list.split(", ").map((arg) =>
        arg.replace(/^--include=.*/, `--include=${set}`).replace(/^--output=.*/, `--output=${output}`)
      );
    });
    const pods = Number(/completions: (\d+)/.exec(stdout)![1]);
    assert(args.includes(`--shard=auto/${pods}`), `${args}`);
    const pod = (index: number) => startUnrec(args, "null", { JOB_COMPLETION_INDEX: `${index}` });
    const evicted = pod(0);
    await haltWhen(evicted.pid, () => exists(`${output}/id_0/0_0.jpg`));
    evicted.kill("SIGTERM");
    letGoOn(evicted.pid);
    assertEquals((await evicted.output()).code, 143);
    const codes = await Promise.all(Array.from({ length: pods }, async (_, i) => (await pod(i).output()).code));
    assertEquals(codes, codes.map(() => 0));
    assertEquals((await runUnrec(...finishArgs)).code, 0);
    assertEquals(treeOf(output), treeOf(whole));
  },
});
