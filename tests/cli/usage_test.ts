/** Arguments: what is understood, and what is said of the rest. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { nearest } from "../../src/cli/nearest.ts";
import { OPTIONS, parseOptions, UsageError } from "../../src/cli/options.ts";
import { PROJECT, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";

const DEFAULTS = {
  command: "decode",
  include: ["a"],
  output: "out",
  jobs: navigator.hardwareConcurrency,
  engine: "wasm",
  chunkBytes: 8388608,
  relabel: false,
  keepRec: undefined,
  checksums: undefined,
  overwrite: false,
  restart: false,
  keepJournal: false,
  fsync: false,
  spaceCheck: true,
  dryRun: false,
  quiet: false,
  json: false,
};

Deno.test("parseOptions: the short way and the long way", () => {
  assertEquals(parseOptions(["--include=a", "--output=out"]) as unknown, DEFAULTS);
  assertEquals(
    parseOptions(
      "--include a,b --include=c --output out --jobs 3 --engine ts --chunk-size=64K --relabel --dry-run --quiet --json"
        .split(" "),
    ) as unknown,
    {
      ...DEFAULTS,
      include: ["a", "b", "c"],
      jobs: 3,
      engine: "ts",
      chunkBytes: 65536,
      relabel: true,
      dryRun: true,
      quiet: true,
      json: true,
    },
  );
  assertEquals(parseOptions(["--include=a", "--dry-run"]) as unknown, { ...DEFAULTS, output: undefined, dryRun: true });
  assertEquals([parseOptions(["-h"]).command, parseOptions(["--version"]).command], ["help", "version"]);
});

for (
  const [args, message] of [
    ["", "--include=DIR[,DIR...] is missing"],
    ["--include=a", "--output=DIR is missing"],
    ["--include=, --output=o", "--include=DIR[,DIR...] is missing"],
    ["--inklude=a --output=o", "unknown option --inklude; did you mean --include?"],
    ["--ouptut=o", "unknown option --ouptut; did you mean --output?"],
    ["--no-progress", "unknown option --no-progress; did you mean"],
    ["-x", "unknown option -x"],
    ["--include=a --output=o --output=p", "--output is given more than once"],
    ["--quiet --quiet", "--quiet is given more than once"],
    ["--include=a --output", "--output needs a value: --output=DIR"],
    ["--include=a --output=", "--output needs a value: --output=DIR"],
    ["--output --quiet --include=a", "--output needs a value: --output=DIR"],
    ["--quiet=yes", "--quiet takes no value"],
    ["--include=a --output=o --no-checksum --checksums=f", "--checksums and --no-checksum contradict each other"],
    ["a b", "what is a for? Datasets are given with --include=DIR"],
    ["--include=a --output=o --jobs=0", "--jobs=0: give a whole number from 1 to 256"],
    ["--include=a --output=o --jobs=two", "--jobs=two: give a whole number"],
    ["--include=a --output=o --engine=wsam", "--engine=wsam: did you mean --engine=wasm?"],
    ["--include=a --output=o --chunk-size=8G", "--chunk-size=8G: give a number of bytes from 256 to 256M"],
    ["--include=a --output=o --chunk-size=100", "--chunk-size=100: give a number of bytes"],
    ["--include=a --output=o --chunk-size=257M", "--chunk-size=257M: give a number of bytes"],
  ]
) {
  Deno.test(`parseOptions: ${args || "nothing"}`, () => {
    assertThrows(() => parseOptions(args === "" ? [] : args.split(" ")), UsageError, message);
  });
}

Deno.test("wrong usage: one line on standard error and exit code 2", async () => {
  assertEquals(await runUnrec("--inclde=a"), {
    code: 2,
    stdout: "",
    stderr: "unrec: unknown option --inclde; did you mean --include?; --help shows how it is used\n",
  });
});

Deno.test("--help names every option, --version the version of deno.json", async () => {
  const { code, stdout, stderr } = await runUnrec("--help");
  assertEquals([code, stderr], [0, ""]);
  for (const name of Object.keys(OPTIONS)) assertStringIncludes(stdout, `--${name}`);
  assertEquals(stdout.split("\n").filter((line) => line.length > 100), []);
  assertEquals(await runUnrec("--version"), { code: 0, stdout: `unrec ${deno.version}\n`, stderr: "" });
});

Deno.test("README.md has a line for every option", () => {
  const readme = Deno.readTextFileSync(`${PROJECT}README.md`);
  for (const name of Object.keys(OPTIONS)) assert(readme.includes(`| \`--${name}`), name);
});

Deno.test("output and dataset in one another", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/data/faces`, { recursive: true });
  Deno.symlinkSync(`${folder.path}/data/faces`, `${folder.path}/link`);
  const faces = `${folder.path}/data/faces`;
  for (
    const [include, output, message] of [
      [faces, `${faces}/images`, "overlap: the output is inside the dataset"],
      [faces, `${folder.path}/link/a/b`, "overlap: the output is inside the dataset"],
      [faces, `${folder.path}/data`, "overlap: the dataset is inside the output"],
      [`${faces}/train.rec`, faces, "overlap: the dataset is inside the output"],
      [`${folder.path}/link`, faces, "are the same directory"],
      [`${DATA}/glint_mini,${faces}`, `${faces}/..`, "overlap: the dataset is inside the output"],
    ]
  ) {
    const { code, stderr } = await runUnrec(`--include=${include}`, `--output=${output}`);
    assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
    assertStringIncludes(stderr, message);
  }
  // Neighbours whose names begin alike are apart.
  const apart = await runUnrec(`--include=${DATA}/header_last`, `--output=${folder.path}/data/faces2`);
  assertEquals(apart.code, 0);
});

Deno.test("nearest: by the fewest keystrokes", () => {
  const words = ["include", "output", "jobs", "json", "quiet"];
  assertEquals(["inc", "outptu", "job", "jsn", "quite", ""].map((word) => nearest(word, words)), [
    "include",
    "output",
    "jobs",
    "json",
    "quiet",
    "jobs",
  ]);
});
