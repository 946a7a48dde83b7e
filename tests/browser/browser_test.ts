/** The platform-free core, bundled for a browser and run in one: every sample dataset with both engines. */
import { assert, assertEquals } from "@std/assert";
import { delimiter, join } from "node:path";
import { openDataset } from "../../src/source/dataset_source.ts";
import { testUnless } from "../needs.ts";
import { type Ended, NO_DOWNLOAD, runDeno } from "../run_deno.ts";
import { PROJECT } from "../run_unrec.ts";
import { DATA, exists, EXPECTED, expectedTree } from "../tree.ts";
import type { PageAnswer, PageQuestion } from "./question.ts";
import { servePage } from "./serve.ts";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER = ["run", "-A", "--no-config", "--no-lock", join(PROJECT, "tests/browser/open_page.ts")];

/** How the bytes come: in ranges over HTTP; out of a file, and fewer at once than were asked for. */
const WAYS = [
  { from: "ranges", chunkBytes: 2 ** 16, mostAtOnce: Infinity },
  { from: "blob", chunkBytes: 3000, mostAtOnce: 1000 },
] as const;

const DATASETS = [...new Set(EXPECTED.flatMap((name) => name.split("+")))];

const QUESTIONS: PageQuestion[] = DATASETS.flatMap((dataset) =>
  (["wasm", "ts"] as const).flatMap((engine) => WAYS.map((way) => ({ dataset, engine, ...way })))
);

const browser = (Deno.env.get("PATH") ?? "").split(delimiter)
  .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
  .find(exists);
const driver = browser === undefined ? undefined : await runDeno(DRIVER);
const bundle = driver?.success ? await bundleForBrowser(join(PROJECT, "tests/browser/page.ts")) : undefined;

const WHY_NOT = browser === undefined
  ? "there is no Chromium in PATH"
  : driver?.success === false && NO_DOWNLOAD.test(driver.stderr)
  ? "playwright-core cannot be downloaded here"
  : bundle?.success === false && NO_DOWNLOAD.test(bundle.stderr)
  ? "the bundler of Deno cannot be downloaded here"
  : undefined;

testUnless(WHY_NOT, "the core, bundled for a browser, reads every sample dataset there", async (t) => {
  assert(driver?.success, driver?.stderr);
  assert(bundle?.success, bundle?.stderr);
  await using server = servePage(bundle.stdout);
  const expression = `import("/page.js").then(({ answerAll }) => answerAll(${JSON.stringify(QUESTIONS)}))`;
  const { success, stdout, stderr } = await runDeno([...DRIVER, browser!, server.url, expression]);
  assert(success, stderr);
  assert(server.ranges > 2 * 2 * DATASETS.length, `${server.ranges} ranges were asked for`);
  const answers: PageAnswer[] = JSON.parse(stdout);
  assertEquals(answers.length, QUESTIONS.length);

  for (const [i, { dataset, engine, from }] of QUESTIONS.entries()) {
    await t.step(`${dataset} with the engine ${engine} out of ${from}: as in Deno`, async () => {
      assertEquals(answers[i].images, await imagesInDeno(dataset));
      const { key, sha256 } = answers[i].got;
      assertEquals(answers[i].images.find((image) => image.key === key)?.sha256, sha256);
    });
  }
  for (const name of EXPECTED) {
    await t.step(`${name}: the reference tree`, () => {
      for (const engine of ["wasm", "ts"]) {
        for (const { from } of WAYS) {
          const lines: string[] = [];
          for (const dataset of name.split("+")) {
            const first = lines.length;
            const i = QUESTIONS.findIndex((q) => q.dataset === dataset && q.engine === engine && q.from === from);
            for (const { label, number, sha256 } of answers[i].images) {
              lines.push(`${sha256}  id_${label}/${label}_${first + number}.jpg`);
            }
          }
          assertEquals(lines.sort(), expectedTree(name).sort());
        }
      }
    });
  }
});

/** The bundler of older versions of Deno knows no Wasm modules; then the page loads the engine by itself. */
async function bundleForBrowser(entry: string): Promise<Ended> {
  const command = ["bundle", "--no-config", "--platform=browser", entry];
  const bundle = await runDeno(command);
  if (!/Wasm modules are not implemented/.test(bundle.stderr)) return bundle;
  return await runDeno(["bundle", "--external=*.wasm", ...command.slice(1)]);
}

async function imagesInDeno(name: string): Promise<PageAnswer["images"]> {
  using dataset = await openDataset(join(DATA, name));
  return await Array.fromAsync(dataset.images(), async ({ key, number, label, labels, id, bytes }) => {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return { key, number, label, labels: [...labels], id: `${id}`, sha256: sum.toHex() };
  });
}
