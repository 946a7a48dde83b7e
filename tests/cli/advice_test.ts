/**
 * What messages tell to run: pasted as it stands it does what they say, and whoever follows them comes to an end, not
 * round in a circle.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { testUnless } from "../needs.ts";
import { commandAfter, paste, UNREC } from "../paste.ts";
import { complaints, type Finished } from "../run_unrec.ts";
import { mountSmall, WHY_NO_SMALL_DISK } from "../small_disk.ts";
import { makeTar, writeParts } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, treeOf } from "../tree.ts";
import { encodeRecord, faces, type TestRecord, writeDataset } from "../write_dataset.ts";

/** A command that somebody is told to run, and what it is to do. */
interface Advice {
  words: string;
  command: string;
}

/** What a message tells to run, in its order. What is to be done once a cause is gone is no advice for now. */
function adviceIn(said: string): Advice[] {
  const found: Advice[] = [];
  for (const line of said.split("\n")) {
    for (const part of line.split(/; |, or (?=[a-z])/)) {
      const [, words, command] = /^(.*?): ((?:\S*deno|'[^']*deno') run .*)$/.exec(part) ?? [];
      if (command !== undefined && !words.startsWith("when ")) found.push({ words, command });
    }
  }
  return found;
}

/** Commands that change nothing: whoever runs them knows more, and is where he was. */
function looksOnly({ command }: Advice): boolean {
  return / verify /.test(command);
}

/**
 * Runs a command and does what its message says, the first choice that was not tried yet, until it ends well or nothing
 * more is told.
 *
 * @returns What was followed, in words, and how the last run ended.
 */
async function follow(command: string, cwd: string): Promise<{ followed: string[]; last: Finished }> {
  const followed: string[] = [];
  const tried = new Set<string>();
  for (;;) {
    const last = await paste(command, cwd);
    if (last.code === 0) return { followed, last };
    assertEquals(last.code, 1, last.stderr);
    let advice = adviceIn(last.stderr);
    for (;;) {
      const next = advice.find(({ command }) => !tried.has(command));
      if (next === undefined) {
        assertEquals(advice.filter((advice) => !looksOnly(advice)), [], `a circle: ${followed}\n${last.stderr}`);
        return { followed, last };
      }
      tried.add(next.command);
      followed.push(next.words);
      // Another way to do the same is the command from now on; a help is run, and then the command again.
      if (!/ (index|verify) /.test(next.command)) {
        command = next.command;
        break;
      }
      const help = await paste(next.command, cwd);
      assert(help.code === 0 || help.code === 1, help.stderr);
      const more = adviceIn(help.stderr).filter((advice) => !looksOnly(advice));
      // What verify cannot do is not told to be done with it, nor what it is doing.
      if (/ verify /.test(next.command)) assertEquals(/ with: .* verify /.test(help.stderr), false, help.stderr);
      if (help.code === 0) break;
      // Whoever is told why it cannot be, and nothing else, gives it up.
      if (more.length === 0 && help.stdout === "") return { followed, last: help };
      if (more.every(({ command }) => tried.has(command))) break;
      // It could not help, and says what else may.
      advice = more;
    }
  }
}

/** Changes a dataset's record file, or its index if that is text. */
function change(
  folder: string,
  how: (record: Uint8Array<ArrayBuffer>, offsetOf: (key: number) => number) => Uint8Array | string | void,
): void {
  const index = Deno.readTextFileSync(`${folder}/train.idx`);
  const record = Deno.readFileSync(`${folder}/train.rec`);
  const changed = how(record, (key) => Number(new RegExp(`^${key}\t(\\d+)$`, "m").exec(index)![1])) ?? record;
  if (typeof changed === "string") Deno.writeTextFileSync(`${folder}/train.idx`, changed);
  else Deno.writeFileSync(`${folder}/train.rec`, changed);
}

/** An image as far as its ends tell. */
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 2, 3, 4, 0xff, 0xd9]);

const SET = "my set";
const indexOf = (folder: string) => Deno.readTextFileSync(`${folder}/${SET}/train.idx`);

/** Name, the sample dataset, what happens to it, the exit code in the end, images then. */
const SCENARIOS: [string, string, (folder: string) => void, number, number][] = [
  ["all is well", "glint_mini", () => {}, 0, 82],
  ["no index", "glint_mini", (folder) => Deno.removeSync(`${folder}/${SET}/train.idx`), 0, 82],
  ["an empty index", "glint_mini", (folder) => Deno.writeTextFileSync(`${folder}/${SET}/train.idx`, ""), 0, 82],
  ["a web page for an index", "glint_mini", (folder) => change(`${folder}/${SET}`, () => "<html></html>\n"), 0, 82],
  ["a file cut before its last record, which is record 0", "cases/cut_header_last", () => {}, 1, 6],
  ["an index of another form", "multipart", (folder) => change(`${folder}/${SET}`, () => "1;2\n"), 0, 31],
  [
    "an index of another file",
    "header_last",
    (folder) => {
      Deno.copyFileSync(`${DATA}/glint_mini/train.idx`, `${folder}/${SET}/train.idx`);
    },
    0,
    32,
  ],
  ["an index cut at a line's end", "cases/index_cut", () => {}, 0, 32],
  [
    "an index without an image",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, () => indexOf(folder).replace(/^5\t.*\n/m, ""));
    },
    0,
    82,
  ],
  [
    "an index without an identity record",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, () => indexOf(folder).replace(/^90\t.*\n/m, ""));
    },
    0,
    82,
  ],
  [
    "an index without record 0",
    "header_last",
    (folder) => {
      change(`${folder}/${SET}`, () => indexOf(folder).replace(/^0\t.*\n/m, ""));
    },
    0,
    32,
  ],
  ["damage in the middle", "cases/damage_in_the_middle", () => {}, 1, 39],
  [
    "a damaged image",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(40)] ^= 1));
    },
    1,
    81,
  ],
  ["a damaged identity record", "cases/gap_damaged", () => {}, 1, 82],
  [
    "a damaged record 0, the first",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(0)] ^= 1));
    },
    1,
    -1,
  ],
  [
    "a damaged record 0, the last",
    "header_last",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(0)] ^= 1));
    },
    1,
    -1,
  ],
  [
    "a file cut within the last record, which is record 0",
    "header_last",
    (folder) => {
      change(`${folder}/${SET}`, (bytes) => bytes.subarray(0, bytes.length - 20));
    },
    1,
    -1,
  ],
  [
    "a file cut within an image",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => bytes.subarray(0, offsetOf(50) + 100));
    },
    1,
    49,
  ],
  [
    "a file cut between records",
    "no_identity",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => bytes.subarray(0, offsetOf(30)));
    },
    1,
    -1,
  ],
  [
    "bytes after the last record",
    "glint_mini",
    (folder) => {
      Deno.writeFileSync(`${folder}/${SET}/train.rec`, new Uint8Array(40), { append: true });
    },
    1,
    82,
  ],
  [
    "records after the last record of the index",
    "no_identity",
    (folder) => {
      const record = encodeRecord({ key: 40, label: 1, image: new Uint8Array(40) });
      Deno.writeFileSync(`${folder}/${SET}/train.rec`, record, { append: true });
    },
    0,
    41,
  ],
  [
    "no index, and damage",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(40)] ^= 1));
      Deno.removeSync(`${folder}/${SET}/train.idx`);
    },
    1,
    81,
  ],
  [
    "no index, and a damaged identity record",
    "glint_mini",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(90)] ^= 1));
      Deno.removeSync(`${folder}/${SET}/train.idx`);
    },
    1,
    82,
  ],
  [
    "no index, and a damaged record 0",
    "header_last",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => void (bytes[offsetOf(0)] ^= 1));
      Deno.removeSync(`${folder}/${SET}/train.idx`);
    },
    1,
    -1,
  ],
  [
    "both files empty",
    "glint_mini",
    (folder) => {
      for (const name of ["train.rec", "train.idx"]) Deno.truncateSync(`${folder}/${SET}/${name}`);
    },
    1,
    -1,
  ],
  [
    "a label that is no number",
    "no_identity",
    (folder) => {
      change(`${folder}/${SET}`, (bytes, offsetOf) => {
        new DataView(bytes.buffer).setUint32(offsetOf(7) + 12, 0x7fc00000, true);
      });
    },
    1,
    -1,
  ],
  [
    "a folder of other things",
    "glint_mini",
    (folder) => Deno.mkdirSync(`${folder}/out put/mine`, { recursive: true }),
    0,
    82,
  ],
  [
    "a folder above",
    "glint_mini",
    (folder) => {
      Deno.mkdirSync(`${folder}/above`);
      Deno.renameSync(`${folder}/${SET}`, `${folder}/above/x`);
      Deno.renameSync(`${folder}/above`, `${folder}/${SET}`);
    },
    0,
    82,
  ],
];

/** Other ways to begin, of which each scenario has one. */
const OTHERS = [" --on-error=skip", " --dry-run", " --relabel --jobs=2 --chunk-size=1K"];

for (const [i, [name, sample, prepare, code, images]] of SCENARIOS.entries()) {
  for (const more of ["", OTHERS[i % OTHERS.length]]) {
    Deno.test(`no circle: ${name}${more}`, async () => {
      using folder = temporaryFolder();
      copyFolder(`${DATA}/${sample}`, `${folder.path}/${SET}`);
      prepare(folder.path);
      const { last, followed } = await follow(`${UNREC} --include="${SET}" --output="out put"${more}`, folder.path);
      // A dry run reads no images, so it does not know of all damage.
      const expected = more === " --dry-run" && last.code === 0 ? 0 : code;
      assertEquals([last.code, last.stderr.includes("Internal")], [expected, false], `${followed}: ${last.stderr}`);
      if (more === " --dry-run" || images < 0) return;
      const tree = treeOf(`${folder.path}/out put`);
      assertEquals(tree.length, images, `${followed}: ${last.stderr}`);
    });
  }
}

Deno.test("no circle: another run's tree, finished and not", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  for (const before of [`${DATA}/header_last`, `${DATA}/cases/damage_in_the_middle`, `${DATA}/second_source`]) {
    await paste(`${UNREC} --include=${before} --output=${output}`);
    const { last, followed } = await follow(`${UNREC} --include=${DATA}/glint_mini --output=${output}`, folder.path);
    assertEquals([last.code, followed], [0, ["remove what that run wrote and begin anew with"]], last.stderr);
    assertEquals(treeOf(output).length, 82);
    Deno.removeSync(output, { recursive: true });
  }
  // One that wrote among other files: nothing of it can be removed.
  Deno.mkdirSync(`${output}/mine`, { recursive: true });
  Deno.writeTextFileSync(`${output}/mine/file`, "");
  assertEquals((await paste(`${UNREC} --include=${DATA}/header_last --output=${output} --overwrite`)).code, 0);
  const { last, followed } = await follow(`${UNREC} --include=${DATA}/glint_mini --output=${output}`, folder.path);
  assertEquals([last.code, followed], [0, ["begin anew with"]], last.stderr);
  assertStringIncludes(last.stderr, "what an earlier run wrote to");
  const names = treeOf(output).map((line) => line.split("  ")[1]);
  assert(names.includes("mine/file") && names.length > 83, `${names.length}`);
});

Deno.test("no circle: an archive whose part differs, and one that is shuffled", async () => {
  using folder = temporaryFolder();
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${folder.path}/faces`, 3);
  const sums = parts.map((path) => `${createHash("md5").update(Deno.readFileSync(path)).digest("hex")}  ${path}`);
  Deno.writeTextFileSync(`${folder.path}/sums`, sums.join("\n").replace(/^./, (c) => c === "0" ? "1" : "0"));
  const differing = await follow(
    `${UNREC} --include='faces*' --checksums sums --output=images`,
    folder.path,
  );
  assertEquals([differing.last.code, differing.followed], [0, ["decode it all the same with"]], differing.last.stderr);
  writeDataset(
    `${folder.path}/shuffled`,
    [...faces({ identities: 5, images: 50, bytes: [100, 900], record0: "first" })].reverse(),
  );
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["shuffled"], from: folder.path }));
  const shuffled = await follow(`${UNREC} --include=a.tgz --output=shuffled_images`, folder.path);
  assertEquals([shuffled.last.code, shuffled.followed], [1, []]);
  // It is to be unpacked, and the folder is given in its place: into the same output, as somebody in a hurry does.
  assertStringIncludes(shuffled.last.stderr, "unpack a.tgz with tar and give its folder to --include");
  const unpacked = await follow(`${UNREC} --include=shuffled --output=shuffled_images`, folder.path);
  assertEquals([unpacked.last.code, treeOf(`${folder.path}/shuffled_images`).length], [0, 50], unpacked.last.stderr);
});

testUnless(WHY_NO_SMALL_DISK, "no circle: too little room", async () => {
  using folder = temporaryFolder();
  using disk = mountSmall(`${folder.path}/disk`, "size=256k");
  writeDataset(`${folder.path}/faces`, faces({ identities: 5, images: 200, bytes: [500, 900], record0: "first" }));
  const { last, followed } = await follow(`${UNREC} --include=faces --output=disk --chunk-size=1K`, folder.path);
  assertEquals([last.code, followed], [1, ["make room", "begin all the same with"].slice(1)], last.stderr);
  assertStringIncludes(last.stderr, "the disk is full");
  disk.remount("size=8m");
  const resumed = await paste(commandAfter(last.stderr, "the same command goes on from there"), folder.path);
  assertEquals([resumed.code, treeOf(`${folder.path}/disk`).length], [0, 200], resumed.stderr);
});

Deno.test("commands are pasted with names of spaces, quotes, dollars, commas, line feeds and dashes", async () => {
  for (const name of ["a b", 'it\'s "it" \\', "$HOME `x`", "a,b", "line\nfeed", "-dash", "*? [a] {b}", "日本"]) {
    using folder = temporaryFolder();
    const records = Array.from({ length: 9 }, (_, key): TestRecord => ({ key, label: key, image: JPEG }));
    writeDataset(`${folder.path}/${name}`, records);
    const { TMP: _, ...env } = { TMP: "", SET: name, OUT: `out ${name}` };
    const start = Object.entries(env).map(([key, value]) =>
      `${key}=$'${
        value.replace(/['\\\n]/g, (c) => ({
          "\n": "\\n",
        }[c] ?? `\\${c}`))
      }'`
    ).join("; ");
    const command = `${start}; ${UNREC} --include="$SET" --output="$OUT"`;
    Deno.removeSync(`${folder.path}/${name}/train.idx`);
    const { last, followed } = await follow(command, folder.path);
    assertEquals([last.code, followed], [0, ["rebuild the index with"]], last.stderr);
    assertEquals(treeOf(`${folder.path}/out ${name}`).length, 9);
    // A path may lead out of the folder that it was given in.
    Deno.removeSync(`${folder.path}/out ${name}/.unrec-journal`);
    const foreign = await paste(command, folder.path);
    assertEquals([foreign.code, complaints(foreign).length], [1, 1]);
    const verified = await paste(
      commandAfter(foreign.stderr, "see whether it is the tree of the dataset with"),
      folder.path,
    );
    assertEquals(verified.code, 0, verified.stderr);
  }
});
