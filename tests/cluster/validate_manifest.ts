/**
 * Reads a file of manifests of Kubernetes, has them checked against the API's schemas by kubernetes-models, a
 * library of npm, and prints each as a line of JSON.
 *
 *     deno run -A --no-config --no-lock tests/cluster/validate_manifest.ts FILE
 *
 * It is a process of its own, so that the library stays out of `deno.json` and the lock file.
 */

/** Not literals where they are imported: a type check would download them. */
const [MODELS, YAML]: string[] = ["npm:kubernetes-models@5.1.0/batch/v1", "npm:yaml@2.9.1"];

/** What is used of the libraries. */
interface Models {
  Job: new (manifest: unknown) => { validate(): void };
}
interface Yaml {
  parseAllDocuments(text: string): { toJS(): unknown }[];
}

const { Job } = await import(MODELS) as Models;
const { parseAllDocuments } = await import(YAML) as Yaml;

for (const document of parseAllDocuments(Deno.readTextFileSync(Deno.args[0]))) {
  const manifest = document.toJS();
  new Job(manifest).validate();
  console.log(JSON.stringify(manifest));
}
