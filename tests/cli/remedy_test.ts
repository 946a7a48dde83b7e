/** What people are told to run: it can be pasted as it stands. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CommandLine, quoted } from "../../src/cli/command_line.ts";
import { wordError } from "../../src/cli/remedy.ts";
import { printable } from "../../src/cli/printable.ts";
import { type Remedy, UnrecError } from "../../src/errors.ts";
import { testUnless, whyNoBinary } from "../needs.ts";
import { PROJECT } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder } from "../tree.ts";

const ARGS = ["--include=/data/my faces", "--output", "out", "--on-error=stop", "--restart", "--relabel"];
const LINE = new CommandLine(ARGS, ["unrec"]);
const SAME = "unrec '--include=/data/my faces' --output out";

for (
  const [remedy, words] of [
    [{ kind: "rebuild-index", path: "/d/train.rec" }, "rebuild the index with: unrec index --include=/d"],
    [{ kind: "rebuild-index", path: "train.idx" }, "rebuild the index with: unrec index --include=."],
    [
      { kind: "rebuild-index", path: "/my d/a.idx", skip: true },
      "index the records that are whole with: unrec index '--include=/my d/a.rec' --on-error=skip",
    ],
    [{ kind: "verify", path: "/d/train.rec" }, "look for all damage with: unrec verify --include=/d"],
    [
      { kind: "verify-tree", include: ["a,b", "c"], output: "out" },
      "see whether it is the tree of the dataset with: unrec verify --include=a,b --include=c --output=out --relabel",
    ],
    [{ kind: "see-pairs", path: "d/lfw.bin" }, "see what is in it with: unrec pairs --include=d/lfw.bin"],
    [{ kind: "download-again", path: "part_3" }, "download part_3 again"],
    [{ kind: "compare-sums" }, "compare the md5 sums with the published ones"],
    [{ kind: "compare-sums", path: "part 3" }, "compare the md5 sum with the published one: md5sum 'part 3'"],
    [
      { kind: "compare-sums", path: "/d/train.rec" },
      "compare the md5 sum with the published one: unrec verify --include=/d --checksums",
    ],
    [{ kind: "skip-damage" }, `write all that is whole with: ${SAME} --relabel --on-error=skip`],
    [{ kind: "restart" }, `begin anew with: ${SAME} --on-error=stop --relabel --restart`],
    [
      { kind: "restart-removes" },
      `remove what that run wrote and begin anew with: ${SAME} --on-error=stop --relabel --restart`,
    ],
    [
      { kind: "overwrite" },
      `write among them, over the same names, with: ${SAME} --on-error=stop --relabel --overwrite`,
    ],
    [{ kind: "other-output" }, "give another --output"],
    [{ kind: "make-room" }, "make room"],
    [{ kind: "no-space-check" }, `begin all the same with: ${SAME} --on-error=stop --relabel --no-space-check`],
    [{ kind: "unpack", path: "a.tar" }, "unpack a.tar with tar and give its folder to --include"],
    [{ kind: "no-checksum" }, `decode it all the same with: ${SAME} --on-error=stop --relabel --no-checksum`],
    [{ kind: "other-keep-rec" }, "give another --keep-rec"],
    [
      { kind: "other-names", names: "{label/1000}/{number}" },
      `spread them over more folders with: ${SAME} --on-error=stop --relabel '--name={label/1000}/{number}' --restart`,
    ],
    [{ kind: "include", path: "a b" }, "give '--include=a b'"],
    [
      { kind: "rename", path: "a b/train.rec", to: "a b/train.zip" },
      "give '--include=a b/train.zip' in place of it, once it is renamed with: " +
      "mv -n -- 'a b/train.rec' 'a b/train.zip'",
    ],
    [
      { kind: "swap-names", paths: ["d/a", "d/b"] },
      "give them each other's names with: mv -n -- d/a d/a.swapped && mv -n -- d/b d/a && mv -n -- d/a.swapped d/b",
    ],
    [
      { kind: "inflate", path: "my d/train.rec", inflater: "xz", ending: ".xz" },
      "inflate it with: mv -n -- 'my d/train.rec' 'my d/train.rec.xz' && xz -d -- 'my d/train.rec.xz'",
    ],
    [{ kind: "inflate", path: "-a.gz", inflater: "gzip", ending: ".gz" }, "inflate it with: gzip -d -- -a.gz"],
    [
      { kind: "unpack-with-7z", path: "my d/faces.rar" },
      "give '--include=my d/unpacked', once it is unpacked with: 7z x '-omy d/unpacked' -- 'my d/faces.rar'",
    ],
    [{ kind: "fetch-with-lfs", path: "d/train.rec" }, "fetch that with: git -C d lfs pull"],
    [
      { kind: "run-again" },
      `when that is put right, the same command goes on from there: ${SAME} --on-error=stop --relabel`,
    ],
    [{ kind: "text", text: "do something" }, "do something"],
  ] satisfies [Remedy, string][]
) {
  Deno.test(`remedy: ${words}`, () => {
    assertEquals(wordError(new UnrecError("Cannot do it: a reason", remedy), LINE), `Cannot do it: a reason; ${words}`);
  });
}

Deno.test("remedies are choices, and doing it again comes after them", () => {
  const error = new UnrecError("Cannot do it", { kind: "make-room" }, { kind: "other-output" }, { kind: "run-again" });
  assertEquals(
    wordError(error, new CommandLine(["--dry-run"], ["unrec"])),
    "Cannot do it; make room, or give another --output; when that is put right, the same command goes on from there: " +
      "unrec --dry-run",
  );
  assertEquals(wordError(new UnrecError("Cannot do it"), LINE), "Cannot do it");
});

Deno.test("the same command: an option is changed however it was given", () => {
  const again = (args: string[], ...change: Parameters<CommandLine["again"]>) => {
    return new CommandLine(args, ["unrec"]).again(...change);
  };
  const skip = { add: "--on-error=skip" };
  assertEquals(again(["-i", "a", "--on-error", "stop", "-oo"], skip), "unrec -i a -oo --on-error=skip");
  assertEquals(
    wordError(
      new UnrecError("Cannot", { kind: "no-checksum" }),
      new CommandLine(["--checksums", "f", "-ia"], ["unrec"]),
    ),
    "Cannot; decode it all the same with: unrec -ia --no-checksum",
  );
  assertEquals(again(["--no-checksum", "-ia"], { add: "--overwrite" }), "unrec --no-checksum -ia --overwrite");
  assertEquals(again(["--restart", "--include=-"]), "unrec --include=-");
});

Deno.test("quoted: a shell reads it back", () => {
  const words = [
    "plain/a-b_c.d,e=f:g@h%i+j",
    "",
    "a b",
    "it's",
    '$HOME `x` "y" *',
    "~/x",
    "a\nb\x1b'\\c",
    "é日",
    "\x9b1\u202e'",
  ];
  const args = words.map(quoted).join(" ");
  const { stdout } = new Deno.Command("bash", { args: ["-c", `printf '%s\\0' ${args}`] }).outputSync();
  assertEquals(new TextDecoder().decode(stdout), words.map((word) => `${word}\0`).join(""));
  assertEquals(quoted(words[0]), words[0]);
  // A message has no control characters, so what it quotes has none either.
  assertEquals(args, printable(args));
});

Deno.test("how this process was started: with deno, as an installed script, with few permissions", async () => {
  using folder = temporaryFolder();
  const main = `${folder.path}/my main.ts`;
  const config = ["--no-lock", "--no-prompt"];
  Deno.writeTextFileSync(
    main,
    `import { CommandLine } from ${JSON.stringify(`${PROJECT}src/cli/command_line.ts`)};
     console.log(new CommandLine(Deno.args).again({ add: "--restart" }));`,
  );
  const start = async (program: string, args: string[], path: string) => {
    const env = { PATH: path };
    const { stdout, stderr, success } = await new Deno.Command(program, { args, env, clearEnv: true }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
    return new TextDecoder().decode(stdout).trimEnd();
  };
  const deno = Deno.execPath();
  const bin = `${folder.path}/bin`;
  Deno.mkdirSync(bin);
  const run = (permissions: string[], path: string) =>
    start(deno, ["run", ...permissions, ...config, main, "-i a"], path);
  assertEquals(await run(["-A"], bin), `${quoted(deno)} run -A '${main}' '-i a' --restart`);
  Deno.symlinkSync(deno, `${bin}/deno`);
  assertEquals(await run(["-A"], `/nowhere:${bin}`), `deno run -A '${main}' '-i a' --restart`);
  // Another deno comes first.
  Deno.mkdirSync(`${folder.path}/other`);
  Deno.writeTextFileSync(`${folder.path}/other/deno`, "#!/bin/sh\n", { mode: 0o755 });
  assertEquals(await run(["-A"], `${folder.path}/other:${bin}`), `${quoted(deno)} run -A '${main}' '-i a' --restart`);
  // Without the right to see the PATH nothing is asked for.
  assertEquals(
    await run(["--allow-read", "--allow-write"], bin),
    `${quoted(deno)} run --allow-read --allow-write '${main}' '-i a' --restart`,
  );
  assertEquals(
    await run(["--allow-net"], bin),
    `${quoted(deno)} run --allow-read --allow-write --allow-net '${main}' '-i a' --restart`,
  );
  // What deno install writes; an unrec of another place is not this one.
  const url = new URL(`file://${main.replaceAll(" ", "%20")}`);
  const script = (module: string) =>
    `#!/bin/sh\nexec ${quoted(deno)} run --allow-all --no-lock ${quoted(module)} "$@"\n`;
  Deno.writeTextFileSync(`${bin}/unrec`, script(url.href), { mode: 0o755 });
  assertEquals(await start(`${bin}/unrec`, ["-i a"], bin), "unrec '-i a' --restart");
  Deno.writeTextFileSync(`${bin}/unrec`, script("file:///elsewhere/main.ts"), { mode: 0o755 });
  assertStringIncludes(await run(["-A"], bin), "deno run -A");
});

testUnless(await whyNoBinary(), "how this process was started: a compiled binary, on the PATH and not", async () => {
  using folder = temporaryFolder();
  const main = `${folder.path}/main.ts`;
  copyFolder(`${PROJECT}src`, `${folder.path}/src`);
  Deno.writeTextFileSync(
    main,
    `import { CommandLine } from "./src/cli/command_line.ts"; console.log(new CommandLine(Deno.args).again());`,
  );
  const bin = `${folder.path}/bin`;
  const compile = ["compile", "-A", "--no-lock", "--output", `${bin}/unrec`, main];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: compile }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  for (const [path, expected] of [[bin, "unrec -q"], ["/nowhere", `${bin}/unrec -q`]]) {
    const binary = new Deno.Command(`${bin}/unrec`, { args: ["-q"], env: { PATH: path } });
    assertEquals(new TextDecoder().decode((await binary.output()).stdout), `${expected}\n`);
  }
});
