/** The manifests that `unrec help cluster --k8s` prints: what the API takes, and nothing that it does not know. */
import { assert, assertEquals } from "@std/assert";
import { testUnless } from "../needs.ts";
import { NO_DOWNLOAD, runDeno } from "../run_deno.ts";
import { PROJECT, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const { stdout: manifests } = await runUnrec("help", "cluster", "--k8s");

/** Checks manifests; prints each as a line of JSON. */
async function validated(text: string) {
  using folder = temporaryFolder();
  const file = `${folder.path}/manifests.yaml`;
  Deno.writeTextFileSync(file, text);
  return await runDeno(["run", "-A", "--no-config", "--no-lock", `${PROJECT}tests/cluster/validate_manifest.ts`, file]);
}

const checked = await validated(manifests);
const whyNot = !checked.success && NO_DOWNLOAD.test(checked.stderr)
  ? "kubernetes-models cannot be downloaded"
  : undefined;

/** Whether TypeScript takes a manifest for a Job: it refuses fields that the API does not know, at any depth. */
async function hasKnownFields(manifest: string): Promise<boolean> {
  using folder = temporaryFolder();
  const file = `${folder.path}/job.ts`;
  const module = JSON.stringify("npm:kubernetes-models@5.1.0/batch/v1");
  Deno.writeTextFileSync(file, `import type { IJob } from ${module};\nexport const job: IJob = ${manifest};\n`);
  const { success, stderr } = await runDeno(["check", "--no-config", "--no-lock", file]);
  assert(success || stderr.includes("may only specify known properties"), stderr);
  return success;
}

testUnless(whyNot, "the Jobs of unrec help cluster --k8s are what the API takes", async () => {
  assert(checked.success, checked.stderr);
  const jobs = checked.stdout.trimEnd().split("\n");
  assertEquals(jobs.map((job) => JSON.parse(job).metadata.name), ["unrec", "unrec-finish"]);
  for (const job of jobs) assert(await hasKnownFields(job));
  // What checks them does find what is wrong.
  assert(!await hasKnownFields(jobs[0].replace("backoffLimitPerIndex", "backofLimitPerIndex")));
  assert(!await hasKnownFields(jobs[0].replace('"readOnly"', '"readonly"')));
  const wrong = await validated(manifests.replace("completions: 16", "completions: sixteen"));
  assertEquals([wrong.success, wrong.stderr.includes("completions must be integer")], [false, true], wrong.stderr);
});
