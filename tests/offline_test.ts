/** The stand-ins for JSR's modules, and the second Deno that runs with them where these cannot be had. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { format } from "@std/fmt/bytes";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { expandGlobSync } from "@std/fs/expand-glob";
import { walkSync } from "@std/fs/walk";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import config from "../deno.json" with { type: "json" };
import * as assertStandIn from "../src/offline/assert.ts";
import * as fsStandIn from "../src/offline/fs.ts";
import importMap from "../src/offline/import_map.json" with { type: "json" };
import * as argsStandIn from "../src/offline/parse_args.ts";
import * as textStandIn from "../src/offline/text.ts";
import { PROJECT } from "./run_unrec.ts";
import { temporaryFolder } from "./temporary_folder.ts";

// What the names mean here, JSR or a stand-in, and what is in the folder. That the former can take the place of the
// latter is checked with the types.
const FS: (typeof fsStandIn)[] = [{ ensureDirSync, existsSync, expandGlobSync, walkSync }, fsStandIn];
const TEXT: (typeof textStandIn)[] = [{ closestString, format, levenshteinDistance }, textStandIn];
const PARSE_ARGS: (typeof argsStandIn.parseArgs)[] = [parseArgs, argsStandIn.parseArgs];
const ASSERT: Omit<typeof assertStandIn, "assert">[] = [
  { assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows },
  assertStandIn,
];

/** A command line: its words, the values of output and quiet, what follows `--`, and what is none of these. */
type CommandLine = [words: string[], output: unknown[], quiet: unknown[], rest: string[], unknown: unknown[][]];

const COMMAND_LINES: CommandLine[] = [
  [["--output=a", "--output", "b", "--quiet", "--output=c=d"], ["a", "b", "c=d"], [true], [], []],
  [["--output", "--quiet"], [""], [true], [], []],
  [["--quiet", "--output"], [""], [true], [], []],
  [["--output="], [""], [], [], []],
  [["--output", ""], [""], [], [], [[""]]],
  [["--output", "-"], [""], [], [], [["-"]]],
  [["--output=-", "--output=--quiet"], ["-", "--quiet"], [], [], []],
  [["--output", "7", "--output=007"], ["7", "007"], [], [], []],
  [["--output", "true", "--output=false"], ["true", "false"], [], [], []],
  [["--quiet=yes", "--quiet=false", "--quiet="], [], [true, false, true], [], []],
  [["--quiet", "true", "--quiet", "false"], [], [true, false], [], []],
  [["x", "--quiet", "7"], [], [true], [], [["x"], ["7"]]],
  [["--", "--quiet", "x"], [], [], ["--quiet", "x"], []],
  [["--output", "--", "x"], [""], [], ["x"], []],
  [["--nosuch", "x", "--nosuch=5"], [], [], [], [["--nosuch", "nosuch", "x"], ["--nosuch=5", "nosuch", "5"]]],
  [["--no-quiet"], [], [], [], [["--no-quiet", "no-quiet", true]]],
  [["--no-quiet=1"], [], [true], [], []],
  [["--no-check"], [], [], [], []],
  [["-x"], [], [], [], [["-x", "x", true]]],
  [["-xy", "z"], [], [], [], [["-xy", "x", true], ["-xy", "y", "z"]]],
  [["-x=y", "-x5"], [], [], [], [["-x=y", "x", "y"], ["-x5", "x", "5"]]],
  [["--__proto__=1", "--toString"], [], [], [], [["--__proto__=1", "__proto__", "1"], [
    "--toString",
    "toString",
    true,
  ]]],
];

Deno.test("parseArgs reads each command line as the stand-in does", () => {
  for (const parse of PARSE_ARGS) {
    for (const [words, output, quiet, rest, unknown] of COMMAND_LINES) {
      const seen: unknown[][] = [];
      const args = parse(words, {
        boolean: ["quiet", "no-check"],
        string: ["output"],
        collect: ["quiet", "no-check", "output"],
        "--": true,
        unknown(...told) {
          seen.push(told);
          return false;
        },
      });
      const check = words.includes("--no-check") ? [true] : [];
      assertEquals(args, { _: [], output, quiet, "no-check": check, "--": rest }, words.join(" "));
      assertEquals(seen, unknown, words.join(" "));
    }
  }
});

Deno.test("existsSync, ensureDirSync, walkSync and expandGlobSync see links, dots and patterns alike", () => {
  for (const { existsSync, ensureDirSync, walkSync, expandGlobSync } of FS) {
    using folder = temporaryFolder();
    const at = (name: string) => `${folder.path}/${name}`;
    const relative = ({ path }: { path: string }) => path.slice(folder.path.length + 1);
    ensureDirSync(at("sets/b"));
    ensureDirSync(at("sets/b"));
    for (const name of ["sets/a", "sets/.c", "sets/x(1)", "sets/[z]"]) ensureDirSync(at(name));
    for (const name of ["a", "b", ".c", "x(1)", "[z]"]) Deno.writeTextFileSync(at(`sets/${name}/train.rec`), "");
    Deno.symlinkSync("a", at("sets/link"));
    Deno.symlinkSync("nowhere", at("sets/broken"));

    assert(assertThrows(() => ensureDirSync(at("sets/a/train.rec")), Error).message.includes("expected 'dir'"));
    assertEquals(
      ["sets", "sets/a/train.rec", "sets/link", "sets/broken", "none"].map((name) => [
        existsSync(at(name)),
        existsSync(at(name), { isDirectory: true }),
        existsSync(at(name), { isFile: true }),
      ]),
      [[true, true, false], [true, false, true], [true, true, false], [false, false, false], [false, false, false]],
    );

    const walked = Array.from(walkSync(at("sets")), relative).sort();
    assertEquals(walked.length, 13);
    assertEquals(walked.slice(0, 4), ["sets", "sets/.c", "sets/.c/train.rec", "sets/[z]"]);
    const entries = [...walkSync(at("sets"), { maxDepth: 1, includeDirs: false })];
    assertEquals(entries.map((entry) => [entry.name, entry.isSymlink, entry.isDirectory]).sort(), [
      ["broken", true, false],
      ["link", true, false],
    ]);
    assertThrows(() => [...walkSync(at("none"))], Deno.errors.NotFound);

    const PATTERNS: [string, string[]][] = [
      ["sets/*/train.rec", [".c", "[z]", "a", "b", "x(1)"].map((name) => `sets/${name}/train.rec`)],
      ["sets/*", [".c", "[z]", "a", "b", "broken", "link", "x(1)"].map((name) => `sets/${name}`)],
      ["sets/*/", [".c", "[z]", "a", "b", "x(1)"].map((name) => `sets/${name}`)],
      ["sets/?", ["sets/a", "sets/b"]],
      ["sets/[!a]", ["sets/b"]],
      ["sets/{b,link}", ["sets/b", "sets/link"]],
      ["sets/x(*)", ["sets/x(1)"]],
      ["sets/\\[z\\]/*", ["sets/[z]/train.rec"]],
      ["sets/[", []],
      ["**/a/*.rec", ["sets/a/train.rec"]],
      ["sets/link/*", ["sets/link/train.rec"]],
      ["none/*", []],
    ];
    for (const [pattern, found] of PATTERNS) {
      for (const options of [{ root: folder.path }, {}]) {
        const glob = "root" in options ? pattern : at(pattern);
        assertEquals(Array.from(expandGlobSync(glob, { extended: false, ...options }), relative), found, glob);
      }
    }
    const files = expandGlobSync(at("sets/*"), { extended: false, includeDirs: false });
    assertEquals(Array.from(files, relative), ["sets/broken", "sets/link"]);
  }
});

Deno.test("closestString, levenshteinDistance and format give the same everywhere", () => {
  for (const { closestString, levenshteinDistance, format } of TEXT) {
    assertEquals(levenshteinDistance("kitten", "sitting"), 3);
    assertEquals(levenshteinDistance("", "ab"), 2);
    assertEquals(levenshteinDistance("😀a", "a"), 1);
    assertEquals(closestString("OUTPT", ["include", "output", "jobs"]), "output");
    assertEquals(closestString("x", ["aa", "b", "c"]), "b");
    const sizes: [number, string][] = [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1 kB"],
      [1250, "1.3 kB"],
      [999_999, "1,000 kB"],
      [-17_091_657, "-17.1 MB"],
      [5e12, "5 TB"],
    ];
    for (const [bytes, text] of sizes) {
      assertEquals(format(bytes, { maximumFractionDigits: 1, locale: "en-US" }), text);
    }
  }
});

Deno.test("the assertions hold and fail alike", async () => {
  for (const { assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } of ASSERT) {
    const fail = () => {
      throw new RangeError("too far");
    };
    assertEquals({ a: [1, new Uint8Array(2)] }, { a: [1, new Uint8Array(2)] });
    assertMatch("abc", /b/);
    assertStringIncludes("abc", "bc");
    assert(assertThrows(fail, RangeError, "too") instanceof RangeError);
    assert(await assertRejects(() => Promise.reject(new RangeError("far")), RangeError, "far") instanceof RangeError);
    const failing: (() => unknown)[] = [
      () => assertEquals({ a: 1 }, { a: 2 }),
      () => assertMatch("abc", /d/),
      () => assertStringIncludes("abc", "d"),
      () => assertThrows(() => {}, RangeError),
      () => assertThrows(fail, RangeError, "near"),
      () => assertThrows(fail, TypeError),
    ];
    for (const assertion of failing) assertEquals(throws(assertion), true, `${assertion}`);
    await assertRejects(() => assertRejects(() => Promise.resolve(), RangeError), Error);
    await assertRejects(() => assertRejects(() => Promise.reject(new Error("far")), RangeError), Error);
  }
});

/** Whether a function throws, told without the assertions. */
function throws(fn: () => unknown): boolean {
  try {
    fn();
    return false;
  } catch {
    return true;
  }
}

Deno.test("every bare name that is imported has its stand-in, and is one of JSR's in deno.json", () => {
  const imported = new Set<string>();
  for (const folder of ["src", "tests", "bench"]) {
    for (const { path, isFile } of walkSync(`${PROJECT}${folder}`)) {
      if (!isFile || !/\.ts$/.test(path)) continue;
      for (
        const [, name] of Deno.readTextFileSync(path).matchAll(/^(?:import|export|\}) .*?from "([^."][^":]*)";$/gm)
      ) {
        imported.add(name);
      }
    }
  }
  const mapped = Object.keys(importMap.imports);
  assertEquals([...imported].filter((name) => !mapped.includes(name)), []);
  const packages = Object.keys(config.imports);
  assertEquals(mapped.filter((name) => !packages.some((key) => name === key || name.startsWith(`${key}/`))), []);
});

Deno.test("deno.json names nothing that is downloaded before it is needed: no package of npm, and no lock file with some", () => {
  assertEquals(Object.values(config.imports).filter((name) => !name.startsWith("jsr:")), []);
  assertEquals(config.lock, false);
});

/** A program that is started as this one is, with a command line that does what the tests need. */
class Program implements Disposable {
  readonly #folder = temporaryFolder();
  readonly path = `${this.#folder.path}/the program`;

  /** @param commandLine What `src/cli/run.ts` exports. */
  constructor(commandLine: string) {
    Deno.mkdirSync(`${this.path}/src/cli`, { recursive: true });
    Deno.mkdirSync(`${this.path}/src/offline`);
    Deno.copyFileSync(`${PROJECT}main.ts`, `${this.path}/main.ts`);
    for (const { name } of Deno.readDirSync(`${PROJECT}src/offline`)) {
      Deno.copyFileSync(`${PROJECT}src/offline/${name}`, `${this.path}/src/offline/${name}`);
    }
    Deno.writeTextFileSync(`${this.path}/deno.json`, JSON.stringify({ imports: { "@std/cli": "jsr:@std/cli@^1" } }));
    Deno.writeTextFileSync(
      `${this.path}/src/cli/run.ts`,
      `import { parseArgs } from "@std/cli/parse-args";\nexport { parseArgs };\n${commandLine}`,
    );
  }

  /** Starts it with modules of JSR neither in the cache nor to be asked for; `flags` are Deno's. */
  start(args: string[], { flags = ["-A"], env = {} }: { flags?: string[]; env?: Record<string, string> } = {}) {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, `${this.path}/main.ts`, ...args],
      env: { NO_COLOR: "1", UNREC_OFFLINE: "0", DENO_DIR: `${this.#folder.path}/cache`, ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs it to its end. */
  async run(args: string[], how: { flags?: string[]; env?: Record<string, string> } = {}) {
    const child = this.start(args, how);
    const { code, stdout, stderr } = await child.output();
    const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out, said, pid: child.pid };
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Prints its arguments, permissions and parent, and ends with 7. */
const TELL = `export function run(args) {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi"];
  const granted = names.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  console.log(JSON.stringify({ args, own: Deno.args, main: Deno.mainModule, granted, parent: Deno.ppid }));
  return 7;
}`;

const ALL = ["read", "write", "net", "env", "run", "sys", "ffi"];

Deno.test("without JSR's modules a second Deno runs the program, with the same arguments and permissions", async () => {
  using program = new Program(TELL);
  const args = ["--a=b c", "", "-d"];
  const cases: [string, string[], Record<string, string>, string[]][] = [
    ["not in the cache", ["-A", "--cached-only"], {}, ALL],
    ["no name for them", ["-A", "--cached-only", "--no-config"], {}, ALL],
    ["not wanted", ["-A"], { UNREC_OFFLINE: "1" }, ALL],
    ["few permissions", ["--cached-only", "--allow-read", "--allow-run"], {}, ["read", "run"]],
  ];
  for (const [why, flags, env, granted] of cases) {
    const { code, out, said, pid } = await program.run(args, { flags, env });
    assertEquals([code, said], [7, ""], why);
    const told = JSON.parse(out);
    assertEquals([told.args, told.own, told.granted], [args, args, granted], why);
    assert(told.main.endsWith("/main.ts"), told.main);
    assertEquals(told.parent, pid, why);
  }
});

Deno.test("with them, one process runs it", async () => {
  using program = new Program(TELL);
  for (const offline of ["0", "1"]) {
    const flags = ["-A", `--import-map=${program.path}/src/offline/import_map.json`];
    const { code, out } = await program.run([], { flags, env: { UNREC_OFFLINE: offline } });
    assertEquals([code, JSON.parse(out).parent], [7, Deno.pid]);
  }
});

Deno.test("without --allow-run it says what to run, which can be pasted", async () => {
  using program = new Program(TELL);
  const { code, out, said } = await program.run(["it's", "$HOME"], { flags: ["--cached-only", "--allow-read"] });
  assertEquals([code, out], [1, ""]);
  const command = /^unrec: JSR cannot be reached; run this, which goes on without it: (deno run .*)\n$/.exec(said);
  assert(command !== null, said);
  const folder = Deno.execPath().slice(0, Deno.execPath().lastIndexOf("/"));
  const pasted = await new Deno.Command("sh", {
    args: ["-c", command[1]],
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
  }).output();
  assertEquals(pasted.code, 7);
  const { args, granted } = JSON.parse(new TextDecoder().decode(pasted.stdout));
  assertEquals([args, granted], [["it's", "$HOME"], ["read"]]);
});

Deno.test("an error that is not about JSR starts no second process, nor does one with the stand-ins a third", async () => {
  using program = new Program(`console.log(Deno.ppid);\nthrow new TypeError("not mine");`);
  const elsewhere = { "@std/cli/parse-args": "data:text/javascript,export let parseArgs" };
  const flags = ["-A", `--import-map=data:,${JSON.stringify({ imports: elsewhere })}`];
  const { code, out, said } = await program.run([], { flags });
  assertEquals([code, out], [1, `${Deno.pid}\n`]);
  assertStringIncludes(said, "not mine");
  for (const [commandLine, message] of [[`import "./gone.ts";`, "gone.ts"], [`import "@std/nosuch";`, "@std/nosuch"]]) {
    using program = new Program(commandLine);
    const { code, said } = await program.run([], { env: { UNREC_OFFLINE: "1" } });
    assertEquals(code, 1);
    assertStringIncludes(said, message);
    assertEquals(said.split("error: ").length, 2, said);
  }
});

Deno.test("where JSR says nothing, a line does, and the program runs all the same", async () => {
  using program = new Program(TELL);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, out, said } = await program.run([], { env: { JSR_URL: `http://127.0.0.1:${silent.addr.port}/` } });
  assertEquals([code, JSON.parse(out).granted], [7, ALL]);
  assertStringIncludes(
    said,
    "unrec: JSR does not answer, so this goes on without it; UNREC_OFFLINE=1 does so at once",
  );
});

/** Says that it runs, with its process id, until a signal comes; ends with 7. */
const WAIT = `export async function run() {
  const { promise, resolve } = Promise.withResolvers();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) Deno.addSignalListener(signal, () => resolve(signal));
  console.log(Deno.pid);
  const timer = setInterval(() => {}, 1000);
  console.log(await promise);
  clearInterval(timer);
  return 7;
}`;

/** What a process prints, in lines. */
async function* linesOf(child: Deno.ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

Deno.test("a signal for the first process alone gets to the second, whose exit code is handed on", async () => {
  using program = new Program(WAIT);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const child = program.start([], { env: { UNREC_OFFLINE: "1" } });
    const lines = linesOf(child);
    assert(Number((await lines.next()).value) !== child.pid);
    child.kill(signal);
    assertEquals((await lines.next()).value, signal);
    assertEquals((await lines.next()).done, true);
    await child.stderr.cancel();
    assertEquals((await child.status).code, 7);
  }
});

Deno.test("the second process ends when the first is killed", async () => {
  using program = new Program(WAIT);
  const child = program.start([], { env: { UNREC_OFFLINE: "1" } });
  const lines = linesOf(child);
  assert(Number((await lines.next()).value) !== child.pid);
  child.kill("SIGKILL");
  await child.stderr.cancel();
  assertEquals((await child.status).signal, "SIGKILL");
  // It holds the pipe as long as it lives.
  assertEquals((await lines.next()).done, true);
});
