/** Arguments: what is understood, and what is said of the rest. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { orList } from "../../src/cli/option.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { TOPICS } from "../../src/cli/topics.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";

/** Nothing is chosen. */
const ALL = {
  labels: undefined,
  excludeLabels: undefined,
  keys: undefined,
  minPerLabel: undefined,
  sample: undefined,
  seed: undefined,
  maxPerLabel: undefined,
  limit: undefined,
};

const DEFAULTS = {
  ...ALL,
  include: ["a"],
  output: "out",
  jobs: undefined,
  format: "folder",
  name: undefined,
  list: undefined,
  listForm: "tsv",
  layout: "identity",
  shardImages: undefined,
  shuffle: undefined,
  shard: undefined,
  shardBytes: undefined,
  prefix: undefined,
  ext: "jpg",
  sampleJson: false,
  index: [],
  relabel: false,
  labelsFrom: [],
  header: [],
  onError: "stop",
  lostTsv: false,
  keepRec: undefined,
  checksums: undefined,
  noChecksum: false,
  overwrite: false,
  restart: false,
  fsync: false,
  noSpaceCheck: false,
  dryRun: false,
  quiet: false,
  json: false,
  engine: "wasm",
  chunkSize: 8388608,
};

/** What a command gets: its name, what is given and its words; or what else is asked for. */
function parse(...args: string[]): unknown {
  const request = parseCommandLine(args, COMMANDS);
  if (request.asks === "version") return "version";
  if (request.asks === "help") return `help on ${request.command.name}`;
  const { command, given, words } = request;
  return words.length === 0 ? { command: command.name, ...given } : { command: command.name, ...given, words };
}

/** The same of arguments with spaces between them. */
function parseLine(line: string): unknown {
  return parse(...line === "" ? [] : line.split(" "));
}

/** The commands that have an option, as a message names them. */
function ownersOf(option: string): string {
  return COMMANDS.filter(({ options }) => option in options).map(({ name }) => `unrec ${name}`).join(" and ");
}

Deno.test("decode: the short way and the long way", () => {
  const expected = { command: "decode", ...DEFAULTS };
  assertEquals(parseLine("--include=a --output=out"), expected);
  assertEquals(parseLine("decode --include=a --output=out"), expected);
  assertEquals(
    parseLine(
      "--include a,b --include=c --output out --jobs 3 --engine ts --chunk-size=64K --relabel --dry-run --quiet --json",
    ),
    {
      ...expected,
      include: ["a", "b", "c"],
      jobs: 3,
      engine: "ts",
      chunkSize: 65536,
      relabel: true,
      dryRun: true,
      quiet: true,
      json: true,
    },
  );
  assertEquals(
    parseLine(
      "--include=a --output=out --on-error=skip --lost-tsv --keep-rec=k --no-checksum --overwrite --restart --fsync " +
        "--no-space-check",
    ),
    {
      ...expected,
      ...{ onError: "skip", lostTsv: true, keepRec: "k", noChecksum: true, overwrite: true, restart: true },
      ...{ fsync: true, noSpaceCheck: true },
    },
  );
  assertEquals(parseLine("--include=a --output=out --name={number}.x"), { ...expected, name: "{number}.x" });
  assertEquals(parseLine("--include=a --output=out --checksums=f"), { ...expected, checksums: "f" });
  assertEquals(parseLine("--include=a --dry-run"), { ...expected, output: undefined, dryRun: true });
});

Deno.test("index and verify", () => {
  const { include, engine, chunkSize, quiet, json } = DEFAULTS;
  const jobs = navigator.hardwareConcurrency;
  assertEquals(parseLine("index --include=a"), {
    ...{ command: "index", include, onError: "stop", engine, chunkSize, quiet, json },
  });
  assertEquals(parseLine("verify --include=a"), {
    ...{
      ...ALL,
      command: "verify",
      include,
      output: undefined,
      name: undefined,
      deep: false,
      decode: false,
      relabel: false,
      labelsFrom: [],
      header: [],
      checksums: false,
    },
    ...{ jobs, engine, chunkSize, quiet, json },
  });
  assertEquals(
    parseLine(
      "verify --include=a --output=t --deep --decode --relabel --checksums --jobs=3 --quiet --json --engine=ts",
    ),
    {
      ...{
        ...ALL,
        command: "verify",
        include,
        output: "t",
        name: undefined,
        deep: true,
        decode: true,
        relabel: true,
        labelsFrom: [],
        header: [],
        checksums: true,
      },
      ...{ jobs: 3, engine: "ts", chunkSize, quiet: true, json: true },
    },
  );
});

Deno.test("get: several words, before and after options", () => {
  const given = { label: undefined, output: undefined, overwrite: false, header: [], engine: "wasm" };
  const got = { command: "get", include: ["a"], ...given };
  assertEquals(parseLine("get 7 --include=a 8"), { ...got, words: ["7", "8"] });
  assertEquals(parseLine("get --include=a -o f -- 7"), { ...got, output: "f", words: ["7"] });
});

Deno.test("help, version and completion", () => {
  const HELP = { command: "help", slurm: false, k8s: false };
  assertEquals(["-h", "--help", "index --help", "verify -h -q", "--version", "index -v"].map(parseLine), [
    ...["help on decode", "help on decode", "help on index", "help on verify", "version", "version"],
  ]);
  assertEquals(parseLine("help"), HELP);
  assertEquals(parseLine("help verify"), { ...HELP, words: ["verify"] });
  assertEquals(parseLine("help exit-codes"), { ...HELP, words: ["exit-codes"] });
  assertEquals(parseLine("completion zsh"), { command: "completion", words: ["zsh"] });
});

Deno.test("letters for short: apart, together, with a value however it is joined", () => {
  const expected = { command: "decode", ...DEFAULTS, jobs: 4, quiet: true };
  for (const line of ["-i a -o out -j 4 -q", "-ia -oout -qj4", "-i=a -o=out -j=4 -q", "-qi a -qo out -j4"]) {
    if (line.match(/q/g)?.length === 1) assertEquals(parseLine(line), expected, line);
    else assertThrows(() => parseLine(line), UsageError, "--quiet is given more than once");
  }
  assertEquals(parse("-i/data/a=b", "-i", "c=d", "--include=e=f", "-i=g=h", "--dry-run"), {
    ...{ command: "decode", ...DEFAULTS, include: ["/data/a=b", "c=d", "e=f", "g=h"], output: undefined, dryRun: true },
  });
  for (const line of ["--include=-", "--include -", "-i -", "-i-", "-i=-"]) {
    assertEquals(parseLine(`${line} -oout`), { command: "decode", ...DEFAULTS, include: ["-"] }, line);
  }
});

Deno.test("values are taken as they are typed", () => {
  assertEquals(parse("--include=007", "--output=a b", "--jobs=007"), {
    ...{ command: "decode", ...DEFAULTS, include: ["007"], output: "a b", jobs: 7 },
  });
  assertEquals(parse("--include", "true", "--output=--quiet"), {
    ...{ command: "decode", ...DEFAULTS, include: ["true"], output: "--quiet" },
  });
});

Deno.test("a value of --include that names something is one path, whatever commas it has", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a,b`;
  Deno.mkdirSync(path);
  const includeOf = (...args: string[]) => (parse(...args, "--dry-run") as { include: string[] }).include;
  assertEquals(includeOf(`--include=${path}`, "-i", "c,d"), [path, "c", "d"]);
  assertEquals(includeOf(`--include=${path},c`), [path, "c"]);
  // What is too long for the name of a file is no reason to fail.
  const many = Array.from({ length: 2000 }, (_, i) => `dataset_${i}`);
  assertEquals(includeOf(`--include=${many}`), many);
});

for (
  const [line, message] of [
    ["", "--include=DIR[,DIR...] is missing"],
    ["--include=a", "--output=DIR is missing"],
    ["--include=, --output=o", "--include names nothing: give --include=DIR[,DIR...]"],
    ["--inklude=a --output=o", "unknown option --inklude; did you mean --include?"],
    ["--ouptut=o", "unknown option --ouptut; did you mean --output?"],
    ["--ouptut o", "unknown option --ouptut; did you mean --output?"],
    ["--chunk=1K", "unknown option --chunk; did you mean --chunk-size?"],
    ["--no-progress", "unknown option --no-progress"],
    ["--keep-journal", "unknown option --keep-journal"],
    ["-x", "unknown option -x"],
    ["-qx", "unknown option -x"],
    ["--no-output=x", "unknown option --no-output"],
    ["--include.a=b", "unknown option --include.a; did you mean --include?"],
    ["--__proto__=b", "unknown option --__proto__"],
    ["---include=b", "unknown option ---include; did you mean --include?"],
    ["-output=x", "-output=x: an option has two dashes, --output"],
    ["--include=a --output=o --output=p", "--output is given more than once"],
    ["--include=a --output=o -o p", "--output is given more than once"],
    ["--quiet --quiet", "--quiet is given more than once"],
    ["-qq", "--quiet is given more than once"],
    ["--include=a --output", "--output needs a value: --output=DIR"],
    ["--include=a --output=", "--output needs a value: --output=DIR"],
    ["--include=a -o", "--output needs a value: --output=DIR"],
    ["--output --quiet --include=a", "--output needs a value: --output=DIR"],
    ["--include=a --output=o --jobs -1", "--jobs needs a value: --jobs=N"],
    ["--quiet=yes", "--quiet takes no value"],
    ["--quiet=", "--quiet takes no value"],
    ["-q=yes", "--quiet takes no value"],
    ["--no-checksum=f", "--no-checksum takes no value"],
    ["--include=a --output=o --quiet false", "--quiet takes no value"],
    ["--include=a --output=o --no-checksum --checksums=f", "--checksums and --no-checksum contradict each other"],
    ["--include=a --output=o --lost-tsv", "--lost-tsv lists what --on-error=skip leaves out: give that too"],
    ["--include=a b", "what is b for? Datasets are given with --include=DIR"],
    ["--include=a --output=o -- --quiet", "what is --quiet for? Datasets are given with --include=DIR"],
    ["--quiet index", "what is index for? A command comes first: unrec index"],
    ["a b", "unknown command a; datasets are given with --include=DIR"],
    ["indx --include=a", "unknown command indx; did you mean index?"],
    ["verfy", "unknown command verfy; did you mean verify?"],
    ["decod --include=a", "unknown command decod; did you mean decode?"],
    ["index", "--include=DIR[,DIR...] is missing"],
    [
      "index --include=a --output=o",
      `--output is an option of ${ownersOf("output")}, not of unrec index`,
    ],
    ["index --include=a -j3", "-j is an option of unrec decode and unrec verify, not of unrec index"],
    ["index --include=a --deep", "--deep is an option of unrec verify, not of unrec index"],
    ["index --include=a --on-eror=skip", "unknown option --on-eror; did you mean --on-error?"],
    ["index --include=a --on-error=skp", "--on-error=skp: give stop or skip"],
    ["verify --include=a --dry-run", "--dry-run is an option of unrec decode, not of unrec verify"],
    ["verify --include=a --deep", "--deep is about a tree: give --output=TREE too"],
    ["verify --include=a --relabel", "--relabel is about a tree: give --output=TREE too"],
    ["verify --include=a --checksums=f", "--checksums takes no value"],
    ["verify --include=a --jobs=0", "--jobs=0: give a whole number"],
    ["--include=a --output=o --deep", "--deep is an option of unrec verify, not of unrec decode"],
    ["--include=a --output=o --jobs=0", "--jobs=0: give a whole number from 1 to 256"],
    ["--include=a --output=o --jobs=257", "--jobs=257: give a whole number from 1 to 256"],
    ["--include=a --output=o --jobs=1e2", "--jobs=1e2: give a whole number"],
    ["--include=a --output=o --jobs=two", "--jobs=two: give a whole number"],
    ["--include=a --output=o --engine=wsam", "--engine=wsam: give wasm or ts"],
    ["--include=a --output=o --chunk-size=8G", "--chunk-size=8G: give a number of bytes from 256 to 256M"],
    ["--include=a --output=o --chunk-size=100", "--chunk-size=100: give a number of bytes"],
    ["--include=a --output=o --chunk-size=257M", "--chunk-size=257M: give a number of bytes"],
    [
      "--include=~/faces --output=o",
      '--include=~/faces: the shell leaves that ~ as it is; give --include="$HOME/faces"',
    ],
    ["--include=a,~/b --output=o", '--include=~/b: the shell leaves that ~ as it is; give --include="$HOME/b"'],
    ["--include=a --output=~/o", "or --output ~/o with a space"],
    ["completion", "unrec completion: give bash, zsh or fish"],
    ["completion ksh", "unrec completion ksh: give bash, zsh or fish"],
    ["completion bash zsh", "what is zsh for? unrec completion takes one SHELL"],
    ["--include=a --output=o --format=zip", "--format=zip: give folder, tar, list, webdataset, parquet or rec"],
    [
      "--include=a --output=o --prefix=x",
      "--prefix is for --format=webdataset or parquet, and this is --format=folder",
    ],
    ["--include=a --output=o --index=wids", "--index is for --format=webdataset, and this is --format=folder"],
    ["--include=a --output=o --format=webdataset --index=wids,x", "--index=x: give wids or dali"],
    [
      "--include=a --output=o --format=webdataset --name={number}",
      "--name is for --format=folder, tar, list or parquet, and this is --format=webdataset",
    ],
    [
      "--include=a --output=o --format=parquet --ext=content",
      "--ext is for --format=webdataset, and this is --format=parquet",
    ],
    ["--include=a --output=o --list-form=lst", "--list-form is for --format=list, and this is --format=folder"],
    [
      "--include=a --output=o --format=tar --on-error=skip --lost-tsv",
      "--lost-tsv is for --format=folder, webdataset, parquet or rec",
    ],
    ["--include=a --output=-", "--output=- is for --format=tar or list, and this is --format=folder"],
    ["--include=a --output=- --format=tar --json", "--json prints to the standard output, and --output=- writes there"],
    ["--include=- --output=o --list=f", "--list reads the input once more, and the standard input comes only once"],
    ["--include=a --output=o --shard-images=0", "--shard-images=0: give a whole number from 1"],
    ["--include=a --output=o --shard-bytes=1", "--shard-bytes=1: give a number of bytes from 1K"],
    [
      "help frob",
      `unrec help frob: give ${COMMANDS.map(({ name }) => name).join(", ")}, ${orList(Object.keys(TOPICS))}`,
    ],
  ]
) {
  Deno.test(`wrong usage: ${line || "nothing"}`, () => {
    const { message: said } = assertThrows(() => parseLine(line), UsageError, message);
    // A guess that is far away misleads.
    if (!message.includes("did you mean")) assertEquals(/did you mean --(?!output)/.test(said), false, said);
  });
}

Deno.test("wrong usage: one line on standard error and exit code 2", async () => {
  assertEquals(await runUnrec("--inclde=a"), {
    code: 2,
    stdout: "",
    stderr: "unrec: unknown option --inclde; did you mean --include? --help shows how it is used\n",
  });
  assertEquals(await runUnrec("index", "--include=a", "--on-error=a\x1b\nb"), {
    code: 2,
    stdout: "",
    stderr: "unrec: --on-error=a\\x1b\\x0ab: give stop or skip; --help shows how it is used\n",
  });
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
      [`${folder.path}/link`, faces, "are the same folder"],
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

Deno.test("nearest: a word that is only begun, or the fewest keystrokes away, if these are few", () => {
  const words = ["include", "output", "jobs", "json", "quiet", "keep-rec", "keep-all"];
  const typed = [
    "inc",
    "outptu",
    "job",
    "jsn",
    "quite",
    "OUTPUT",
    "",
    "j",
    "keep",
    "silent",
    "threads",
    "keep-journal",
  ];
  assertEquals(typed.map((word) => nearest(word, words)), [
    ...["include", "output", "jobs", "json", "quiet", "output"],
    ...[undefined, undefined, undefined, undefined, undefined, undefined],
  ]);
});
