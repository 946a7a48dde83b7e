/** Arguments: what is understood, and what is said of the rest. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { nearest } from "../../src/cli/nearest.ts";
import { COMMANDS, OPTIONS, parseOptions } from "../../src/cli/options.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
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
  onError: "stop",
  lostTsv: false,
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
  assertEquals(parseOptions(["decode", "--include=a", "--output=out"]) as unknown, DEFAULTS);
  assertEquals(parseOptions(["-h"]), { command: "help", of: "decode" });
  assertEquals(parseOptions(["index", "--help"]), { command: "help", of: "index" });
  assertEquals(parseOptions(["--version"]), { command: "version" });
});

Deno.test("parseOptions: index and verify", () => {
  const { include, jobs, engine, chunkBytes, quiet, json } = DEFAULTS;
  assertEquals(parseOptions(["index", "--include=a"]) as unknown, {
    ...{ command: "index", include, onError: "stop", engine, chunkBytes, quiet, json },
  });
  assertEquals(parseOptions(["verify", "--include=a"]) as unknown, {
    ...{ command: "verify", include, output: undefined, deep: false, relabel: false, checksums: false },
    ...{ jobs, engine, chunkBytes, quiet, json },
  });
  const all = "verify --include=a --output=t --deep --relabel --checksums --jobs=3 --quiet --json --engine=ts";
  assertEquals(parseOptions(all.split(" ")) as unknown, {
    ...{ command: "verify", include, output: "t", deep: true, relabel: true, checksums: true },
    ...{ jobs: 3, engine: "ts", chunkBytes, quiet: true, json: true },
  });
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
    ["--include=a b", "what is b for? Datasets are given with --include=DIR"],
    ["a b", "unknown command a; did you mean index? Datasets are given with --include=DIR"],
    ["indx --include=a", "unknown command indx; did you mean index?"],
    ["verfy", "unknown command verfy; did you mean verify?"],
    ["decod --include=a", "unknown command decod; did you mean decode?"],
    ["index", "--include=DIR[,DIR...] is missing"],
    ["index --include=a --output=o", "--output is an option of unrec without a command and unrec verify, not of this"],
    ["index --include=a --deep", "--deep is an option of unrec verify, not of this command"],
    ["index --include=a --on-eror=skip", "unknown option --on-eror; did you mean --on-error?"],
    ["index --include=a --on-error=skp", "--on-error=skp: did you mean --on-error=skip?"],
    ["verify --include=a --dry-run", "--dry-run is an option of unrec without a command, not of this command"],
    ["verify --include=a --deep", "--deep is about a tree: give --output=TREE too"],
    ["verify --include=a --relabel", "--relabel is about a tree: give --output=TREE too"],
    ["verify --include=a --checksums=f", "--checksums takes no value"],
    ["verify --include=a --jobs=0", "--jobs=0: give a whole number"],
    ["--include=a --output=o --deep", "--deep is an option of unrec verify, not of this command"],
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

for (const [command, { options }] of Object.entries(COMMANDS)) {
  Deno.test(`${command} --help names every option of it and no other`, async () => {
    const { code, stdout, stderr } = await runUnrec(...command === "decode" ? [] : [command], "--help");
    assertEquals([code, stderr], [0, ""]);
    const named = stdout.split("\n").map((line) => /^ +(?:-\w, )?--([a-z-]+)/.exec(line)?.[1]).filter(Boolean);
    assertEquals(named, Object.keys(options));
    assertEquals(stdout.split("\n").filter((line) => line.length > 100), []);
  });
}

Deno.test("--help has a line for every command, --version is that of deno.json", async () => {
  const { stdout } = await runUnrec("--help");
  for (const command of Object.keys(COMMANDS)) {
    assert(new RegExp(`^  unrec ${command} +[a-z]`, "m").test(stdout), command);
  }
  const version = { code: 0, stdout: `unrec ${deno.version}\n`, stderr: "" };
  assertEquals(await runUnrec("--version"), version);
  assertEquals(await runUnrec("verify", "--version"), version);
});

Deno.test("README.md has a line for every option of every command, and for no other", () => {
  const readme = Deno.readTextFileSync(`${PROJECT}README.md`);
  for (const [command, { options }] of Object.entries(COMMANDS)) {
    const heading = command === "decode" ? "## Options" : `### unrec ${command}`;
    const [, section] = readme.split(`\n${heading}\n`);
    assert(section !== undefined, heading);
    const lines = section.split(/\n##/, 1)[0].split("\n");
    const named = lines.map((line) => /^\| `--([a-z-]+)/.exec(line)?.[1]).filter(Boolean);
    // What every command has is said once.
    const shared = command === "decode" ? [] : Object.keys(options).filter((name) => options[name] === OPTIONS[name]);
    assertEquals(named.sort(), Object.keys(options).filter((name) => !shared.includes(name)).sort(), command);
  }
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
