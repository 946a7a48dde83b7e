/** Pipes and devices where files are expected: nothing waits for them, and no end is looked for that they do not have. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX } from "../needs.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";

/** Makes a pipe in place of a file. */
function makePipe(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // There is nothing in its place.
  }
  assertEquals(new Deno.Command("mkfifo", { args: [path] }).outputSync().code, 0);
}

testUnless(WHY_NO_UNIX, "a pipe in place of a file is named and not opened", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["train.rec", "train.idx"]) {
    Deno.mkdirSync(`${path}/${name}`);
    for (const file of ["train.rec", "train.idx"]) {
      Deno.copyFileSync(`${DATA}/glint_mini/${file}`, `${path}/${name}/${file}`);
    }
    makePipe(`${path}/${name}/${name}`);
  }
  makePipe(`${path}/pipe.rec`);
  makePipe(`${path}/pipe`);
  Deno.writeFileSync(`${path}/set.tar`, makeTar({ names: ["glint_mini"], gzip: false }));
  const output = `--output=${path}/images`;
  const glint = `--include=${DATA}/glint_mini`;
  for (
    const [args, pipe] of [
      [["decode", `--include=${path}/train.rec`, output], "train.rec/train.rec"],
      [["verify", `--include=${path}/train.rec`], "train.rec/train.rec"],
      [["index", `--include=${path}/train.rec`], "train.rec/train.rec"],
      [["decode", `--include=${path}/train.idx`, output], "train.idx/train.idx"],
      [["verify", `--include=${path}/train.idx`], "train.idx/train.idx"],
      [["index", `--include=${path}/train.idx`], "train.idx/train.idx"],
      [["decode", `--include=${path}/pipe.rec`, output], "pipe.rec"],
      [["verify", `--include=${path}/pipe.rec`], "pipe.rec"],
      [["index", `--include=${path}/pipe.rec`], "pipe.rec"],
      [["decode", `--include=${path}/pipe`, output], "pipe"],
      [["decode", glint, `--labels-from=${path}/pipe`, output], "pipe"],
      [["verify", glint, `--labels-from=${path}/pipe`], "pipe"],
      [["decode", `--include=${path}/set.tar`, `--checksums=${path}/pipe`, output], "pipe"],
    ] as [string[], string][]
  ) {
    const finished = await runUnrec(...args);
    const lines = complaints(finished);
    assertEquals([finished.code, lines.length], [1, 1], `${args.join(" ")}: ${finished.stderr}`);
    assertStringIncludes(lines[0], `${path}/${pipe}`);
    assertStringIncludes(lines[0], "regular file");
  }
});

testUnless(
  WHY_NO_UNIX,
  "a pipe in place of property is as good as none, and of the other files only property may be missing",
  async () => {
    using folder = temporaryFolder();
    const { path } = folder;
    for (const file of ["train.rec", "train.idx"]) Deno.copyFileSync(`${DATA}/glint_mini/${file}`, `${path}/${file}`);
    makePipe(`${path}/property`);
    for (const args of [["decode", `--output=${path}-images`, "--dry-run"], ["verify"], ["index"]]) {
      const finished = await runUnrec(...args, `--include=${path}`);
      assertEquals([finished.code, complaints(finished)], [0, []], finished.stderr);
    }
  },
);

testUnless(WHY_NO_LINUX, "a device in place of a file is named, though it could be read for ever", async () => {
  using folder = temporaryFolder();
  for (const name of ["train.rec", "train.idx"]) Deno.symlinkSync("/dev/zero", `${folder.path}/${name}`);
  for (const command of ["decode", "verify", "index"]) {
    const output = command === "decode" ? [`--output=${folder.path}-images`] : [];
    const { code, stderr } = await runUnrec(command, `--include=${folder.path}`, ...output);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "is no regular file");
  }
});

testUnless(
  WHY_NO_UNIX,
  "verify: only a regular file is an image's, with --deep and without; nothing else in its place is opened",
  async () => {
    using folder = temporaryFolder();
    const tree = `${folder.path}/images`;
    const args = [`--include=${DATA}/glint_mini`, `--output=${tree}`];
    assertEquals((await runUnrec(...args)).code, 0);
    const places = ["id_1", "id_2", "id_3", "id_4"].map((name) => {
      const [file] = Array.from(Deno.readDirSync(`${tree}/${name}`), ({ name }) => name).sort();
      Deno.removeSync(`${tree}/${name}/${file}`);
      return `${name}/${file}`;
    });
    const [pipe, device, socket, inner] = places.map((place) => `${tree}/${place}`);
    makePipe(pipe);
    // It has no end.
    Deno.symlinkSync("/dev/zero", device);
    using _listener = Deno.listen({ transport: "unix", path: socket });
    Deno.mkdirSync(inner);
    for (const deep of [[], ["--deep"]]) {
      const finished = await runUnrec("verify", ...args, ...deep, "--quiet");
      assertEquals(complaints(finished), [`unrec: ${tree}: 4 images without a file: ${places.join("; ")}`]);
      assertEquals(finished.code, 1);
      assertStringIncludes(finished.stdout, "78 of 82 images\n");
    }
  },
);
