/** Sets whose keys float32 rounds, by every command: all images, and a line that says what was put right. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { highKeySet, treeOfImages } from "../high_keys.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, exists, treeOf } from "../tree.ts";
import { writeDataset } from "../write_dataset.ts";

const CASES = `${DATA}/cases`;
const empty = new Uint8Array();

/** What record 0 says, and the keys of the identity records: each as the first, and the one after the last. */
type Rounded = [stored: [number, number], found: [number, number]];

/** Sets that were met: their folders hold the expected tree. */
const MET: [string, Rounded][] = [
  ["rounded_first_down", [[16_778_216, 16_778_222], [16_778_217, 16_778_222]]],
  ["rounded_last_down", [[16_778_220, 16_778_224], [16_778_220, 16_778_225]]],
  ["rounded_last_up", [[16_778_220, 16_778_228], [16_778_220, 16_778_227]]],
  ["rounded_scalar", [[16_778_216, 16_778_222], [16_778_217, 16_778_222]]],
];

/** Their neighbours: the key of the first image, and how many images each identity has. */
const MADE: [string, number, number[], Rounded][] = [
  ["the first one up", 16_778_202, [3, 3, 3, 3, 1], [[16_778_216, 16_778_220], [16_778_215, 16_778_220]]],
  ["both down", 16_778_204, [6, 6, 1], [[16_778_216, 16_778_220], [16_778_217, 16_778_220]]],
  ["both up", 16_778_200, [5, 5, 5, 4], [[16_778_220, 16_778_224], [16_778_219, 16_778_223]]],
  ["the first one down, the last one up", 16_778_205, [5, 5], [[16_778_216, 16_778_216], [16_778_215, 16_778_217]]],
  ["the first image", 16_778_203, [3, 4, 8], [[16_778_218, 16_778_220], [16_778_218, 16_778_221]]],
  ["single images", 16_778_209, [1, 1, 1, 1, 1, 1], [[16_778_216, 16_778_220], [16_778_215, 16_778_221]]],
  ["every fourth key", 33_554_435, [2, 1, 1, 3, 1], [[33_554_444, 33_554_448], [33_554_443, 33_554_448]]],
  ["across 2^25", 33_554_427, [2, 1, 1, 3, 1], [[33_554_436, 33_554_440], [33_554_435, 33_554_440]]],
  ["every eighth key", 67_108_866, [1, 1, 1], [[67_108_872, 67_108_872], [67_108_869, 67_108_872]]],
  ["one identity", 16_777_300, [5], [[16_777_304, 16_777_306], [16_777_305, 16_777_306]]],
];

/** Runs every command on a set and compares what comes with what should. */
async function assertWritten(dataset: string, tree: string[], [stored, found]: Rounded): Promise<void> {
  using folder = temporaryFolder();
  const line = `${dataset}/train.rec has keys that are rounded`;
  const differs = stored.some((key, i) => key !== found[i]);
  const assertSaid = (stderr: string, line: string) => {
    assertEquals(stderr.split("\n").filter((text) => text.includes(line)).length, 1, stderr);
    if (!differs) return;
    assertStringIncludes(stderr, `identity records are the keys ${found[0]} to ${found[1] - 1}, where record 0 has `);
  };
  for (const how of [["--engine=ts", "--jobs=1"], ["--engine=wasm", "--jobs=2", "--chunk-size=256"]]) {
    const output = `${folder.path}/images${how.length}`;
    const finished = await runUnrec(`--include=${dataset}`, `--output=${output}`, ...how, "--json");
    const lines = complaints(finished);
    assertEquals([finished.code, lines.length], [0, 1], finished.stderr);
    assertSaid(finished.stderr, `Warning: ${line}`);
    assertEquals(treeOf(output), tree);
    const { datasets: [{ identityRecords, images, rounded }] } = JSON.parse(finished.stdout);
    assertEquals([identityRecords, images, rounded.identityRecords], [found[1] - found[0], tree.length, {
      stored,
      found,
    }]);
    const verified = await runUnrec("verify", `--include=${dataset}`, `--output=${output}`, how[0], "--json");
    assertEquals(verified.code, 0, verified.stderr);
    assertSaid(verified.stderr, `Note: ${line}`);
    const report = JSON.parse(verified.stdout);
    assertEquals([report.ok, report.complaints, report.datasets[0].rounded], [true, [], rounded]);

    const archive = `${folder.path}/set.tgz`;
    Deno.writeFileSync(archive, makeTar({ names: ["train.rec", "train.idx"], from: dataset }));
    const streamed = await runUnrec(`--include=${archive}`, `--output=${output}b`, how[0], "--json");
    assertEquals(streamed.code, 0, streamed.stderr);
    assertSaid(streamed.stderr, `Warning: train.rec in ${archive} has keys that are rounded`);
    assertEquals(treeOf(`${output}b`), tree);
    assertEquals(JSON.parse(streamed.stdout).datasets[0].rounded, rounded);
  }
  Deno.mkdirSync(`${folder.path}/copy`);
  Deno.copyFileSync(`${dataset}/train.rec`, `${folder.path}/copy/train.rec`);
  assertEquals((await runUnrec("index", `--include=${folder.path}/copy`)).code, 0);
  assertEquals(Deno.readTextFileSync(`${folder.path}/copy/train.idx`), Deno.readTextFileSync(`${dataset}/train.idx`));
}

for (const [name, rounded] of MET) {
  Deno.test(`${name}: decoded, from an archive too, verified and indexed`, async () => {
    const tree = Deno.readTextFileSync(`${CASES}/${name}/expected.sha256`).trimEnd().split("\n");
    await assertWritten(`${CASES}/${name}`, tree.sort((a, b) => a.slice(66) < b.slice(66) ? -1 : 1), rounded);
  });
}

for (const [i, [name, start, sizes, rounded]] of MADE.entries()) {
  Deno.test(`rounded, ${name}: decoded, from an archive too, verified and indexed`, async () => {
    using folder = temporaryFolder();
    const { images, records, keys } = highKeySet({
      start,
      sizes,
      scalar: i % 3 === 0,
      record0: i % 2 === 0 ? "first" : "last",
    });
    assertEquals([keys.map(Math.fround), keys], rounded);
    writeDataset(`${folder.path}/set`, records);
    await assertWritten(`${folder.path}/set`, treeOfImages(images), rounded);
  });
}

Deno.test("what the records do not tell is refused, with the key; skip writes all and counts it as lost", async () => {
  const start = 16_778_202;
  const sizes = [3, 3, 3, 3, 3];
  using folder = temporaryFolder();
  // An image without bytes before the identity records, and one whose range a neighbour does not meet.
  const vague = highKeySet({ start, sizes });
  Object.assign(vague.images[14], { image: empty });
  const gap = highKeySet({ start, sizes });
  gap.identities[1].label = [start + 3, start + 4];
  for (
    const [set, said, lost] of [
      [vague, "the record of key 16778216 may be an identity record or an image without bytes", 16_778_216],
      [gap, "it cannot be told whether it names the image of key 16778207", 16_778_219],
    ] as const
  ) {
    const include = `--include=${folder.path}/set`;
    writeDataset(`${folder.path}/set`, set.records);
    for (const engine of ["ts", "wasm"]) {
      const output = `${folder.path}/images`;
      const refused = await runUnrec(include, `--output=${output}`, `--engine=${engine}`);
      assertEquals([refused.code, refused.stdout, exists(output)], [1, "", false]);
      assertStringIncludes(refused.stderr, said);
      const verified = await runUnrec("verify", include);
      assertEquals(verified.code, 1);
      assertStringIncludes(verified.stderr, said);
      const skipped = await runUnrec(include, `--output=${output}`, "--on-error=skip", "--json");
      assertEquals(skipped.code, 1, skipped.stderr);
      const { lost: [{ identities }] } = JSON.parse(skipped.stdout);
      assert(identities.some(({ key, guessed }: { key: number; guessed: boolean }) => key === lost && guessed));
      const written = set.images.filter(({ image }) => image.length > 0);
      assertEquals(treeOf(output), treeOfImages(written));
      Deno.removeSync(output, { recursive: true });
    }
    Deno.writeFileSync(`${folder.path}/set.tar`, makeTar({ names: ["set"], from: folder.path, gzip: false }));
    const streamed = await runUnrec(`--include=${folder.path}/set.tar`, `--output=${folder.path}/streamed`);
    assertEquals(streamed.code, 1);
    assertStringIncludes(streamed.stderr, said);
    Deno.removeSync(`${folder.path}/streamed`, { recursive: true });
  }
});

Deno.test("a label that changes where a rounded range may begin is no label that differs within an identity", async () => {
  using folder = temporaryFolder();
  const { records } = highKeySet({ start: 16_778_202, sizes: [3, 4, 1, 1, 5, 2] });
  writeDataset(`${folder.path}/set`, records);
  Deno.writeFileSync(`${folder.path}/set.tar`, makeTar({ names: ["set"], from: folder.path, gzip: false }));
  for (const name of ["set", "set.tar"]) {
    const { code, stderr } = await runUnrec(
      `--include=${folder.path}/${name}`,
      `--output=${folder.path}/${name}.images`,
    );
    assertEquals([code, stderr.includes("another label")], [0, false], stderr);
  }
});
