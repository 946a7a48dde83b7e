/** The script of `unrec help cluster --slurm` on a Slurm of three nodes: what all elements write is what one run writes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { MANY, writeMany } from "../halt.ts";
import { testUnless } from "../needs.ts";
import { runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { includeOf, treeOf } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";
import { Slurm, WHY_NO_SLURM } from "./slurm.ts";

const SHARES = 7;

const { stdout: PRINTED } = await runUnrec("help", "cluster", "--slurm");

/** Writes the printed script as somebody who put own values in the marked lines. */
function writeScript(path: string, include: string, output: string, options: readonly string[] = []): void {
  const values: [RegExp, string][] = [
    [/^#SBATCH --array=.*$/m, `#SBATCH --array=0-${SHARES - 1}`],
    [/^#SBATCH --mem=.*$/m, "#SBATCH --mem=1G"],
    [/^shares=.*$/m, `shares=${SHARES}`],
    [/^include=.*$/m, `include=${include}`],
    [/^output=.*$/m, `output=${output}`],
    [/ --shard=auto\/\$shares$/m, ` ${["--shard=auto/$shares", ...options].join(" ")}`],
  ];
  let script = PRINTED;
  for (const [line, value] of values) {
    assertEquals(script.match(line)?.length, 1, `${line}`);
    script = script.replace(line, () => value);
  }
  Deno.writeTextFileSync(path, script);
}

/** What is written, with which options. */
const FORMATS: Record<string, string[]> = {
  folder: [],
  webdataset: ["--format=webdataset", "--shard-images=9"],
  parquet: ["--format=parquet", "--shard-images=9"],
  rec: ["--format=rec", "--relabel"],
};

testUnless(WHY_NO_SLURM, "Slurm: an array of 7 over 3 nodes writes what one run writes, in every format", async () => {
  using slurm = new Slurm(3);
  using folder = temporaryFolder("/dev/shm");
  // So large that there are more pieces of one file than shares.
  const large = `${folder.path}/large`;
  writeDataset(large, faces({ identities: 30, images: 170, bytes: [7e5, 9e5], record0: "first" }));
  for (const [format, options] of Object.entries(FORMATS)) {
    const include = `${includeOf("second_source")},${format === "rec" ? large : includeOf("glint_mini")}`;
    const [whole, output] = [`${folder.path}/${format}`, `${folder.path}/${format}.shares`];
    const one = [`--include=${include}`, `--output=${whole}`, `--list=${whole}.list`, "--quiet", ...options];
    assertEquals((await runUnrec(...one)).code, 0);
    writeScript(`${slurm.folder}/unrec.sbatch`, include, output, [...options, `--list=${output}.list`]);
    const job = slurm.run("sbatch", "--parsable", "unrec.sbatch");
    const finish = ["--wait", "--array=0", `--dependency=afterany:${job}`, "unrec.sbatch", "finish"];
    assertEquals(slurm.try("sbatch", ...finish).code, 0, slurm.logs());
    assertEquals(treeOf(output), treeOf(whole), format);
    assertEquals(Deno.readTextFileSync(`${output}.list`), Deno.readTextFileSync(`${whole}.list`), format);
  }
});

testUnless(
  WHY_NO_SLURM,
  "Slurm: a requeued element, a killed node, and an element that fails and is run again",
  async () => {
    using slurm = new Slurm(3);
    using folder = temporaryFolder("/dev/shm");
    const [whole, output] = [`${folder.path}/whole`, `${folder.path}/shares`];
    writeMany(`${folder.path}/set`);
    const include = `${folder.path}/set`;
    assertEquals((await runUnrec(`--include=${include}`, `--output=${whole}`, "--quiet")).code, 0);
    writeScript(`${slurm.folder}/unrec.sbatch`, include, output);
    slurm.holdElement(1);
    slurm.holdElement(2);
    slurm.failElement(5, true);
    const job = slurm.run("sbatch", "--parsable", "unrec.sbatch");

    await slurm.elementHeld(1);
    slurm.run("scontrol", "requeue", `${job}_1`);
    await slurm.beginAgain(`${job}_1`);
    const held = await slurm.elementHeld(2);
    slurm.killNode(slurm.run("squeue", "--noheader", "--format=%N", `--jobs=${job}_2`), held);
    await slurm.beginAgain(`${job}_2`);

    const finish = ["--wait", "--array=0", "unrec.sbatch", "finish"];
    assertEquals(slurm.try("sbatch", `--dependency=afterany:${job}`, ...finish).code, 1, slurm.logs());
    const [, array] = /in Slurm with: sbatch (--array=5) unrec\.sbatch/.exec(slurm.logs()) ?? [];
    assertStringIncludes(slurm.logs(), "1 of 7 shares is missing: share 5 is not begun;");
    slurm.failElement(5, false);
    slurm.run("sbatch", "--wait", array, "unrec.sbatch");
    assertEquals(slurm.try("sbatch", ...finish).code, 0, slurm.logs());
    assertEquals(treeOf(output), treeOf(whole));
    assertEquals(JSON.parse(Deno.readTextFileSync(`${output}/_SUCCESS`)).images, MANY);
    assertStringIncludes(slurm.logs(), "Going on where an earlier run ended");
  },
);
