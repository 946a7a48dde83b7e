/** What was lost, or guessed, is never forgotten: the exit code is 1 until all is read. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandAfter, paste } from "../paste.ts";
import { type Finished, runUnrec } from "../run_unrec.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, JOURNAL, treeOf } from "../tree.ts";
import { faces, type TestRecord, writeDataset } from "../write_dataset.ts";

const CASES = `${DATA}/cases`;

/** The figures of a run that are about what was lost. */
function lossOf({ code, stdout }: Finished) {
  const { status, images, lost } = JSON.parse(stdout);
  return { code, status, images, lost };
}

Deno.test("the same command again, as often as you like: the same loss, exit code 1", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const args = [`--include=${CASES}/damage_in_the_middle`, `--output=${output}`, "--on-error=skip"];
  const first = await runUnrec(...args, "--json");
  const loss = lossOf(first);
  assertEquals([loss.code, loss.status, loss.images, loss.lost.length], [1, "lost", 39, 1]);
  assertEquals([loss.lost[0].images, loss.lost[0].places[0].keys], [1, [20, 20]]);
  const tree = treeOf(output);
  const journal = Deno.readTextFileSync(`${output}/${JOURNAL}`);
  for (const more of [[], ["--jobs=2"], ["--chunk-size=256"], ["--engine=ts"], ["--dry-run"]]) {
    const again = await runUnrec(...args, "--json", ...more);
    assertEquals(lossOf(again), loss, more[0]);
    assertEquals(JSON.parse(again.stdout).resumedImages, 39);
    assertEquals([treeOf(output), Deno.readTextFileSync(`${output}/${JOURNAL}`)], [tree, journal]);
  }
  const said = await runUnrec(...args, "--lost-tsv");
  assertEquals(said.code, 1);
  assertStringIncludes(said.stderr, "1 image, key 20 at bytes 1280 to 1344: no frame begins there");
  assertEquals(Deno.readTextFileSync(`${output}/lost.tsv`).split("\n")[1].split("\t").slice(1), [
    "20",
    "",
    "20",
    "1280",
  ]);
});

Deno.test("a run that stopped at damage goes on with --on-error=skip, and back", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const output = `${folder.path}/images`;
  writeDataset(dataset, faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" }));
  const args = [`--include=${dataset}`, `--output=${output}`, "--jobs=1", "--chunk-size=2K"];
  const whole = Deno.readFileSync(`${dataset}/train.rec`);
  const write = (bytes: Uint8Array<ArrayBuffer>) => {
    Deno.writeFileSync(`${dataset}/train.rec`, bytes);
    Deno.utimeSync(`${dataset}/train.rec`, 1e9, 1e9);
  };
  const damaged = whole.slice();
  damaged[Number(/^200\t(\d+)$/m.exec(Deno.readTextFileSync(`${dataset}/train.idx`))![1])] ^= 1;
  write(damaged);
  const stopped = await runUnrec(...args);
  assertStringIncludes(stopped.stderr, "Cannot read the record of key 200");
  // As it is told, and it goes on where the first run stopped.
  const skipping = await paste(`${commandAfter(stopped.stderr, "write all that is whole with")} --json`);
  assertEquals([skipping.code, lossOf(skipping).images], [1, 399], skipping.stderr);
  const { resumedImages } = JSON.parse(skipping.stdout);
  assert(resumedImages > 150 && resumedImages < 200, `${resumedImages}`);
  assertEquals(exists(`${output}/id_9/9_199.jpg`), false);
  // Without skip the loss is no end any more: what was lost is read again, and nothing else.
  const again = await runUnrec(...args);
  assertEquals(again.code, 1);
  assertStringIncludes(again.stderr, "Cannot read the record of key 200");
  write(whole);
  const mended = await runUnrec(...args, "--json");
  assertEquals([mended.code, JSON.parse(mended.stdout).images], [0, 400], mended.stderr);
  assert(JSON.parse(mended.stdout).resumedImages > 380, mended.stdout);
  assertEquals((await runUnrec(args[0], `--output=${folder.path}/whole`)).code, 0);
  assertEquals(treeOf(output), treeOf(`${folder.path}/whole`));
  assertStringIncludes((await runUnrec(...args)).stdout, "Already complete: 400 images");
});

Deno.test("mended after --on-error=skip had come to its end: the same command reads it anew", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/faces`;
  const output = `${folder.path}/images`;
  writeDataset(dataset, faces({ identities: 5, images: 60, bytes: [500, 1500], record0: "first" }));
  const whole = Deno.readFileSync(`${dataset}/train.rec`);
  Deno.writeFileSync(`${dataset}/train.rec`, whole.slice().fill(0, 5000, 9000));
  Deno.utimeSync(`${dataset}/train.rec`, 1e9, 1e9);
  const args = [`--include=${dataset}`, `--output=${output}`, "--on-error=skip"];
  assertEquals((await runUnrec(...args)).code, 1);
  Deno.writeFileSync(`${dataset}/train.rec`, whole);
  const mended = await runUnrec(...args, "--json");
  assertEquals([mended.code, JSON.parse(mended.stdout).images], [0, 60], mended.stderr);
  assertStringIncludes(mended.stderr, "train.rec has changed: what was written of it is removed, and it is read again");
  assertStringIncludes((await runUnrec(...args)).stdout, "Already complete: 60 images");
});

Deno.test("a loss in one dataset is not forgotten for the others", async () => {
  using folder = temporaryFolder();
  const include = `--include=${DATA}/header_last,${CASES}/damage_in_the_middle,${DATA}/glint_mini`;
  const args = [include, `--output=${folder.path}/images`, "--on-error=skip", "--json"];
  const first = lossOf(await runUnrec(...args));
  assertEquals([first.code, first.images, first.lost.length], [1, 32 + 39 + 82, 1]);
  assertEquals(lossOf(await runUnrec(...args)), first);
});

Deno.test("an archive that cannot be trusted: again, and with others before and after it", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 5, images: 50, bytes: [100, 900], record0: "first" })];
  writeDataset(`${folder.path}/shuffled`, records.toReversed());
  copyFolder(`${CASES}/index_cut`, `${folder.path}/cut`);
  const archive = (name: string, from = folder.path) => {
    Deno.writeFileSync(`${folder.path}/${name}.tgz`, makeTar({ names: [name], from }));
    return `${folder.path}/${name}.tgz`;
  };
  const good = archive("glint_mini", DATA);
  for (
    const [bad, why] of [
      [archive("shuffled"), "Cannot number the images of shuffled/train.rec in"],
      [archive("cut"), "Cannot trust the index of cut/train.rec in"],
    ]
  ) {
    for (const include of [[bad], [bad, good], [good, bad], [`${DATA}/header_last`, bad]]) {
      const output = `${folder.path}/images`;
      const args = [...include.map((path) => `--include=${path}`), `--output=${output}`];
      for (const how of ["first", "again", "once more"]) {
        const { code, stdout, stderr } = await runUnrec(...args);
        assertEquals([code, stdout], [1, ""], how);
        assertStringIncludes(stderr, why);
      }
      Deno.removeSync(output, { recursive: true });
    }
  }
});

Deno.test("an identity record that cannot be read is a loss, for what it names is guessed", async () => {
  using folder = temporaryFolder();
  // A record that no identity names is no loss: the set says so itself.
  const whole = await runUnrec(`--include=${CASES}/gap`, `--output=${folder.path}/whole`);
  assertEquals(whole.code, 0);
  assertStringIncludes(whole.stderr, "has 1 record that no identity record names");
  const args = [`--include=${CASES}/gap_damaged`, `--output=${folder.path}/images`, "--on-error=skip"];
  for (const how of [[], [], ["--dry-run"]]) {
    const finished = await runUnrec(...args, ...how);
    assertEquals(finished.code, 1, how.join(" "));
    assertStringIncludes(
      finished.stderr,
      "has 1 identity record that cannot be read; what lies between the images of ",
    );
    assertStringIncludes(finished.stderr, "identity record 84: 0 of its 6 images, guessed");
  }
  const { status, lost } = JSON.parse((await runUnrec(...args, "--json")).stdout);
  assertEquals([status, lost[0].identities], ["lost", [{ key: 84, images: 6, lost: 0, guessed: true }]]);
  // Without skip nothing is guessed.
  const stopped = await runUnrec(`--include=${CASES}/gap_damaged`, `--output=${folder.path}/stopped`);
  assertEquals([stopped.code, exists(`${folder.path}/stopped`)], [1, false]);
  assertStringIncludes(stopped.stderr, "Cannot read the record of key 84");
});

Deno.test("an index that was cut at a line's end is refused; the command that is told makes it whole", async () => {
  using folder = temporaryFolder();
  const dataset = `${folder.path}/set`;
  const output = `${folder.path}/images`;
  copyFolder(`${CASES}/index_cut`, dataset);
  const args = [`--include=${dataset}`, `--output=${output}`];
  const skipping = await runUnrec(...args.with(1, `--output=${folder.path}/skipping`), "--on-error=skip", "--json");
  assertEquals([skipping.code, lossOf(skipping).lost[0].unindexed], [1, { places: 1, first: 135632 }]);
  const refused = await runUnrec(...args);
  assertEquals([refused.code, refused.stdout, exists(output)], [1, "", false]);
  assertStringIncludes(
    refused.stderr,
    "train.rec: it does not name all that the file has; the first byte without a key is",
  );
  const rebuilt = await paste(commandAfter(refused.stderr, "rebuild the index with"));
  assertEquals([rebuilt.code, rebuilt.stderr], [0, ""]);
  assertEquals((await runUnrec(...args)).code, 0);
  assertEquals(treeOf(output), expectedTree("header_last"));
  // What was written by the cut index does not stay.
  const mended = await runUnrec(...args.with(1, `--output=${folder.path}/skipping`), "--on-error=skip");
  assertEquals(mended.code, 0, mended.stderr);
  assertEquals(treeOf(`${folder.path}/skipping`), expectedTree("header_last"));
});

Deno.test("records of no key between others, and bytes of no record: exit code 1, with the way out", async () => {
  using folder = temporaryFolder();
  const records = Array.from(
    { length: 30 },
    (_, key): TestRecord => ({ key, label: key % 3, image: new Uint8Array(32) }),
  );
  for (const name of ["between", "junk"]) writeDataset(`${folder.path}/${name}`, records);
  const index = Deno.readTextFileSync(`${folder.path}/between/train.idx`);
  Deno.writeTextFileSync(`${folder.path}/between/train.idx`, index.replace(/^1[0-4]\t.*\n/mg, ""));
  const junk = `${folder.path}/junk/train.rec`;
  const whole = Deno.readFileSync(junk);
  Deno.writeFileSync(junk, whole.slice().fill(0, 64 * 10, 64 * 15));
  Deno.writeFileSync(`${folder.path}/junk/train.idx`, Deno.readFileSync(`${folder.path}/between/train.idx`));
  for (
    const [name, said, remedy] of [
      [
        "between",
        "it does not name all that the file has; the first byte without a key is 640",
        "rebuild the index with",
      ],
      ["junk", "it has bytes that belong to no record; the first one is 640", "look for all damage with"],
    ]
  ) {
    for (const more of [[], ["--jobs=2", "--chunk-size=256"], ["--on-error=skip"]]) {
      const output = `${folder.path}/images`;
      const args = [`--include=${folder.path}/${name}`, `--output=${output}`, ...more];
      for (const _ of ["first", "again"]) {
        const { code, stdout, stderr } = await runUnrec(...args);
        assertEquals(code, 1);
        assert(/^images +25$|^Already complete, but for what is lost: 25 images /m.test(stdout), stdout);
        assertStringIncludes(stderr, said);
        commandAfter(stderr, remedy);
      }
      Deno.removeSync(output, { recursive: true });
    }
  }
  // After the last one it is known before anything is written.
  for (const [name, bytes] of [["record", whole.subarray(0, 64)], ["junk", new Uint8Array(40)]] as const) {
    Deno.writeFileSync(junk, whole);
    Deno.writeFileSync(junk, bytes, { append: true });
    Deno.writeTextFileSync(`${folder.path}/junk/train.idx`, index);
    const refused = await runUnrec(`--include=${folder.path}/junk`, `--output=${folder.path}/none`);
    assertEquals([refused.code, exists(`${folder.path}/none`)], [1, false]);
    commandAfter(refused.stderr, name === "record" ? "rebuild the index with" : "write all that is whole with");
  }
});
