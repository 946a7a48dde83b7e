/** Names, texts and journals with characters that a terminal acts upon: none of them reaches it, on either stream. */
import { assert, assertEquals } from "@std/assert";
import { testUnless, WHY_NO_UNIX } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { type Finished, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";

/** Of each kind one that does harm: it clears a screen, begins a line, rings, is an escape in one byte, turns writing. */
const NASTY = "a\x1b[2J\n\r\x07\x7f\x9b2J\x85\u2028\u202eb\u2066\u200f";

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Asserts that nothing comes out but text in lines, and that lines on standard error begin as all do. */
function assertPlain({ stdout, stderr }: Finished, what: string): void {
  for (const text of [stdout, stderr]) assert(!CONTROL.test(text), `${what}: ${JSON.stringify(text)}`);
  assertEquals(stderr.split("\n").filter((line) => line !== "" && !line.startsWith("unrec: ")), [], what);
  // After the line feed in the name comes a carriage return: it begins no line.
  assertEquals(stdout.split("\n").filter((line) => line.startsWith("\\x0d")), [], what);
}

testUnless(WHY_NO_UNIX, "no control character of a name, a text or a journal reaches the terminal", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const set = `${path}/${NASTY}`;
  Deno.mkdirSync(set);
  for (const name of ["train.rec", "train.idx"]) Deno.copyFileSync(`${DATA}/glint_mini/${name}`, `${set}/${name}`);
  Deno.writeTextFileSync(`${set}/property`, `${NASTY.replace("\n", "")},112`);
  const damaged = `${path}/damaged${NASTY}`;
  Deno.mkdirSync(damaged);
  for (const name of ["train.rec", "train.idx"]) {
    Deno.copyFileSync(`${DATA}/cases/damage_in_the_middle/${name}`, `${damaged}/${name}`);
  }
  Deno.writeFileSync(`${path}/set${NASTY}.tar`, makeTar({ names: [NASTY], from: path, gzip: false }));
  Deno.writeTextFileSync(`${path}/list${NASTY}`, `0\t${NASTY.replace("\n", "")}\n1\tx\n`);
  let outputs = 0;
  const output = () => `--output=${path}/images${++outputs}${NASTY}`;
  const first = output();
  for (
    const args of [
      ["decode", `--include=${set}`, first],
      ["decode", `--include=${set}`, first],
      ["decode", `--include=${set}`, first, "--relabel"],
      ["verify", `--include=${set}`, first],
      ["index", `--include=${set}`],
      ["decode", `--include=${damaged}`, output()],
      ["decode", `--include=${damaged}`, output(), "--on-error=skip"],
      ["verify", `--include=${damaged}`],
      ["index", `--include=${damaged}`, "--on-error=skip"],
      ["decode", `--include=${path}/set${NASTY}.tar`, output()],
      ["decode", `--include=${set}`, `--labels-from=${path}/list${NASTY}`, output()],
      ["decode", `--include=${path}/none${NASTY}`, output()],
      ["decode", `--include=${set}`, `--frob${NASTY}`],
      [NASTY],
    ]
  ) {
    assertPlain(await runUnrec(...args), JSON.stringify(args));
    if (args[1]?.startsWith("--include") && !args.some((arg) => arg.startsWith("--frob"))) {
      const finished = await runUnrec(...args, "--json");
      assertPlain(finished, JSON.stringify(args));
      JSON.parse(finished.stdout);
    }
  }
  // The names in JSON are the names all the same, and those in commands too.
  const { stdout } = await runUnrec("verify", `--include=${set}`, "--json");
  assertEquals(JSON.parse(stdout).datasets[0].path, `${set}/train.rec`);
  const again = await runUnrec(`--include=${set}`, first);
  assertEquals((await paste(commandAfter(again.stderr, "see whether it is the tree of the dataset with"))).code, 0);
  // A journal is a text that anybody may write.
  const journal = `${first.slice("--output=".length)}/.unrec-journal`;
  Deno.writeTextFileSync(journal, Deno.readTextFileSync(journal).replaceAll("glint_mini", NASTY));
  assertPlain(await runUnrec(`--include=${set}`, first, "--relabel"), "a journal");
});
