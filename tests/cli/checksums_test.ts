/** `--checksums`: a list that somebody gives is compared, or it is said that it is not. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { complaints, runUnrec, startUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { makeTar, writeParts } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, expectedTree, treeOf } from "../tree.ts";

const WRONG = "0".repeat(32);

function md5(path: string): string {
  return createHash("md5").update(Deno.readFileSync(path)).digest("hex");
}

Deno.test("--checksums: a list that has no sum of what is read is refused before anything is written", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  writeParts(makeTar({ names: ["glint_mini"] }), `${path}/faces`, 3);
  const args = [`--checksums=${path}/sums`, `--output=${path}/out`, "--quiet"];
  for (const text of ["", `${WRONG}  other_00\n`]) {
    Deno.writeTextFileSync(`${path}/sums`, text);
    assertSays(
      await runUnrec(...args, `--include=${path}/faces*`),
      `Cannot compare any sum of ${path}/sums: it has none of ${path}/faces_00 and 2 others`,
      "decode it all the same with: ",
      "--no-checksum",
    );
  }
  const child = startUnrec([...args, "--include=-"], "piped");
  await child.stdin.close();
  const { code, stderr } = await child.output();
  assertEquals(code, 1);
  assertStringIncludes(new TextDecoder().decode(stderr), "it has none of the standard input, but that of other_00");
  assertEquals(exists(`${path}/out`), false);
});

Deno.test("--checksums: parts without a sum are said, and so are names that no file in the archive has", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${path}/faces`, 3);
  const sum = md5(`${DATA}/glint_mini/train.rec`);
  for (
    const [text, warnings] of [
      [parts.map((part) => `${md5(part)}  ${part}\n`).join(""), []],
      [`${md5(parts[1])}  ${parts[1]}\n`, [`${path}/sums has no sum of ${parts[0]} and 1 other: it is not compared`]],
      [`${sum}  train.rec\n`, []],
      [`${sum}  faces.rec\n`, ["none of the sums that were given was compared: "]],
    ] as const
  ) {
    Deno.writeTextFileSync(`${path}/sums`, text);
    const output = `${path}/out`;
    const ended = await runUnrec(
      ...[`--include=${path}/faces*`, `--checksums=${path}/sums`, `--output=${output}`, "--restart", "--quiet"],
    );
    assertEquals([ended.code, complaints(ended).length], [0, warnings.length], ended.stderr);
    for (const warning of warnings) assertStringIncludes(ended.stderr, `unrec: Warning: ${warning}`);
    assertEquals(treeOf(output), expectedTree("glint_mini"));
  }
});

Deno.test("--checksums: a ZIP archive is compared too, and so is what is in it", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const zip = `${path}/faces.zip`;
  Deno.copyFileSync(`${DATA}/cases/zip/faces_toy_112x112.zip`, zip);
  const args = [`--include=${zip}`, `--checksums=${path}/sums`, "--quiet"];
  Deno.writeTextFileSync(`${path}/sums`, `${md5(zip)}  faces.zip\n`);
  const right = await runUnrec(...args, `--output=${path}/right`);
  assertEquals([right.code, complaints(right)], [0, []]);
  for (const name of ["faces.zip", "train.rec"]) {
    Deno.writeTextFileSync(`${path}/sums`, `${WRONG}  ${name}\n`);
    const wrong = await runUnrec(...args, `--output=${path}/wrong`);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, `and should be ${WRONG}`);
    assertEquals(wrong.stderr.includes("Written before: nothing was written"), name === "faces.zip", wrong.stderr);
  }
});
