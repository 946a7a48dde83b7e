/** Lists of images and of people: what they say, in which form, and how they end. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { CommandLine } from "../../src/cli/command_line.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { runLs } from "../../src/cli/ls_run.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { commandAfter, paste, UNREC } from "../paste.ts";
import { complaints, runUnrec, startUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { makeTar } from "../source/archive/make_archive.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED, expectedTree, includeOf } from "../tree.ts";
import { encodeRecord, faces, writeDataset } from "../write_dataset.ts";

const MINI = `${DATA}/glint_mini`;
const HEAD = ["number", "key", "label", "identity", "bytes", "kind", "offset", "path"];

/** The lines of a list, each as an object. */
async function list(...args: string[]): Promise<Record<string, string>[]> {
  const finished = await runUnrec("ls", ...args);
  assertEquals([finished.code, complaints(finished).filter((line) => !/Warning: |Reading (the )?labels/.test(line))], [
    0,
    [],
  ]);
  return rowsOf(finished.stdout);
}

function rowsOf(printed: string): Record<string, string>[] {
  assert(printed.endsWith("\n"));
  const [head, ...lines] = printed.slice(0, -1).split("\n").map((line) => line.split("\t"));
  return lines.map((fields) => {
    assertEquals(fields.length, head.length);
    return Object.fromEntries(head.map((name, i) => [name, fields[i]]));
  });
}

for (const engine of ["wasm", "ts"]) {
  for (const name of EXPECTED) {
    Deno.test(`unrec ls, ${engine}: ${name}: every file of the tree is listed, with the key of its image`, async () => {
      const rows = await list(`--include=${includeOf(name)}`, `--engine=${engine}`);
      const sums = new Map<string, string>();
      let first = 0;
      for (const path of includeOf(name).split(",")) {
        using dataset = await openDataset(path);
        const own = rows.slice(first, first += dataset.imageCount);
        for (const { key, bytes, path, label, offset, kind } of own) {
          const image = (await dataset.get(Number(key)))!;
          assertEquals([bytes, label, kind], [`${image.bytes.length}`, `${image.label}`, "jpeg"]);
          assertEquals(Number(offset), dataset.index.offsets[dataset.index.rowOf(Number(key))]);
          sums.set(path, createHash("sha256").update(image.bytes).digest("hex"));
        }
        const identities = own.map(({ identity }) => identity);
        if (dataset.layout.kind === "flat") assertEquals(new Set(identities), new Set([""]));
        else assertEquals(new Set(identities).size, dataset.layout.identityRecords);
      }
      assertEquals(rows.length, first);
      assertEquals([...sums].map(([path, sum]) => `${sum}  ${path}`).sort(), expectedTree(name).sort());
      const numbers = rows.map(({ number }) => Number(number));
      // Only this one has its images in another order than that in which they are read.
      if (name !== "shuffled") assertEquals(numbers, numbers.map((_, i) => i));
      else assertEquals(numbers.toSorted((a, b) => a - b), numbers.map((_, i) => i));
    });
  }

  Deno.test(`unrec ls --people, ${engine}: each label once, with its images, their bytes and the first key`, async () => {
    for (const name of ["shared_label", "shuffled", "glint_mini+second_source"]) {
      const images = await list(`--include=${includeOf(name)}`);
      const people = await list(`--include=${includeOf(name)}`, "--people", `--engine=${engine}`);
      const labels = [...new Set(images.map(({ label }) => Number(label)))].sort((a, b) => a - b);
      assertEquals(
        people,
        labels.map((label) => {
          const own = images.filter((image) => image.label === `${label}`);
          own.sort((a, b) => Number(a.number) - Number(b.number));
          const bytes = own.reduce((sum, { bytes }) => sum + Number(bytes), 0);
          return { label: `${label}`, images: `${own.length}`, bytes: `${bytes}`, firstKey: own[0].key };
        }),
      );
    }
  });
}

Deno.test("unrec ls: the first line names the fields; --labels-all adds all labels, as short as they can be written", async () => {
  const { stdout } = await runUnrec("ls", `--include=${MINI}`);
  assertEquals(stdout.split("\n", 1), [HEAD.join("\t")]);
  using folder = temporaryFolder();
  const image = Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xd9);
  const labels = [[7, 0.1, -2.5], [8, 1e30, 16777217], 9];
  writeDataset(folder.path, labels.map((label, key) => ({ key, label, image })));
  const rows = await list(`--include=${folder.path}`, "--labels-all");
  assertEquals(rows.map(({ labels }) => labels), ["7,0.1,-2.5", "8,1e+30,16777216", "9"]);
  assertEquals(
    rows.map(({ label, path }) => [label, path]),
    [7, 8, 9].map((label, i) => [`${label}`, `id_${label}/${label}_${i}.jpg`]),
  );
});

Deno.test("unrec ls --json: an object a line with the same values", async () => {
  for (const options of [[], ["--labels-all"], ["--people"]]) {
    const args = [`--include=${includeOf("scalar_label")},${DATA}/cases/png`, ...options];
    const { code, stdout } = await runUnrec("ls", ...args, "--json");
    assertEquals(code, 0);
    const objects = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const texts = objects.map((object) =>
      Object.fromEntries(Object.entries(object).map(([name, value]) => [name, value === null ? "" : `${value}`]))
    );
    assertEquals(texts, await list(...args));
    for (const { label, labels = [], path = "" } of objects) {
      assertEquals([typeof label, typeof path, Array.isArray(labels)], ["number", "string", true]);
    }
  }
});

Deno.test("unrec ls: names, shifted labels and labels of a list are those that decode would give", async () => {
  const two = `--include=${DATA}/glint_mini,${DATA}/second_source`;
  const options = ["--name={label:04}/{index}_{number}.{ext}", "--relabel"];
  using folder = temporaryFolder();
  assertEquals((await runUnrec(two, `--output=${folder.path}/t`, "--quiet", ...options)).code, 0);
  const rows = await list(two, ...options);
  for (const { path, bytes } of rows) assertEquals(Deno.statSync(`${folder.path}/t/${path}`).size, Number(bytes));
  assertEquals(new Set(rows.map(({ path }) => path)).size, 99);
  const labelled = `${DATA}/cases/label_list`;
  const listed = await list(`--include=${labelled}/file.rec`, `--labels-from=${labelled}/list.txt`);
  assertEquals(listed.map(({ label }) => label), ["0", "0", "1", "1", "2", "2"]);
  const refused = await runUnrec("ls", two, "--name={key}.jpg");
  assertSays(refused, "two datasets can have the same keys");
});

Deno.test("unrec ls: what is chosen is listed with the numbers of the whole set, and what is not there is told", async () => {
  const all = await list(`--include=${MINI}`);
  const labels = await list(`--include=${MINI}`, "--labels=3,7-8", "--exclude-labels=8", "--max-per-label=2");
  assertEquals(labels, ["3", "7"].flatMap((label) => all.filter((row) => row.label === label).slice(0, 2)));
  assertEquals(
    await list(`--include=${MINI}`, "--keys=5-6,80"),
    all.filter(({ key }) => ["5", "6", "80"].includes(key)),
  );
  assertEquals((await list(`--include=${MINI}`, "--people", "--sample=3")).length, 3);
  assertEquals((await list(`--include=${MINI}`, "--limit=4")).length, 4);
  assertSays(await runUnrec("ls", `--include=${MINI}`, "--keys=4711"), "Cannot choose the key 4711");
});

Deno.test("unrec ls: an archive, also from the standard input; keys and identity records are not known there", async () => {
  using folder = temporaryFolder();
  const tar = makeTar({ names: ["glint_mini/train.rec", "glint_mini/train.idx"] });
  const archive = `${folder.path}/mini.tar.gz`;
  Deno.writeFileSync(archive, tar);
  const expected = (await list(`--include=${MINI}`)).map((row) => ({ ...row, key: "", identity: "" }));
  assertEquals(await list(`--include=${archive}`), expected);
  const process = startUnrec(["ls", "--include=-"], "piped");
  const writer = process.stdin.getWriter();
  await writer.write(tar);
  await writer.close();
  assertEquals(rowsOf(new TextDecoder().decode((await process.output()).stdout)), expected);
  const people = await list(`--include=${archive}`, "--people");
  assertEquals(people.map((row) => ({ ...row, firstKey: "" })), people);
  assertEquals(people.length, 24);
});

Deno.test("unrec ls: at a damaged record it stops with what was before listed, or leaves it out and says so", async () => {
  const set = `${DATA}/cases/damage_in_the_middle`;
  const stopped = await runUnrec("ls", `--include=${set}`);
  assertEquals([stopped.code, stopped.stderr.trimEnd().split("\n").length], [1, 1]);
  assertEquals(rowsOf(stopped.stdout).map(({ key }) => key), Array.from({ length: 20 }, (_, i) => `${i}`));
  assertStringIncludes(stopped.stderr, "Cannot read the record of key 20");
  const skipped = await paste(commandAfter(stopped.stderr, "list all that is whole with"));
  assertEquals(skipped.code, 1);
  assertEquals(
    rowsOf(skipped.stdout).map(({ number }) => Number(number)),
    Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== 20),
  );
  assertStringIncludes(skipped.stderr, "Lost: 1 image of");
  const people = await runUnrec("ls", `--include=${set}`, "--people");
  assertEquals([people.code, people.stdout], [1, ""]);
});

Deno.test("unrec ls: many losses are told in few lines, without an option that it does not have", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 30, images: 90, bytes: [50, 60], record0: "first" })];
  writeDataset(folder.path, records);
  const bytes = Deno.readFileSync(`${folder.path}/train.rec`);
  let offset = 0;
  for (const record of records) {
    if (record.key > 0 && record.key <= 90 && record.key % 3 === 0) bytes[offset] ^= 1;
    offset += encodeRecord(record).length;
  }
  Deno.writeFileSync(`${folder.path}/train.rec`, bytes);
  const { code, stdout, stderr } = await runUnrec("ls", `--include=${folder.path}`, "--on-error=skip");
  assertEquals([code, rowsOf(stdout).length], [1, 60]);
  assertStringIncludes(stderr, "and 10 more places\n");
  assertEquals(stderr.includes("--lost-tsv"), false);
});

Deno.test("unrec ls: a reader that is gone ends it quietly, before all is read", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 100, images: 60_000, bytes: [20, 40], record0: "first" }));
  for (const options of ["", "--people", "--json", "--on-error=skip"]) {
    const shell = new Deno.Command("bash", {
      args: ["-o", "pipefail", "-c", `${UNREC} ls --include=${folder.path} ${options} | head -2`],
    });
    const { code, stdout, stderr } = await shell.output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""], options);
    assertEquals(new TextDecoder().decode(stdout).trimEnd().split("\n").length, 2);
  }
});

Deno.test("unrec ls: where the reader is gone before the last lines, nothing is said of what is lost either", async () => {
  const set = `--include=${DATA}/cases/damage_in_the_middle`;
  const said: string[] = [];
  const err = {
    writeSync: (bytes: Uint8Array) => said.push(new TextDecoder().decode(bytes)) && bytes.length,
    isTerminal: () => false,
  };
  const gone = {
    writeSync() {
      throw new Deno.errors.BrokenPipe();
    },
    isTerminal: () => false,
  };
  for (const options of [[], ["--people"]]) {
    const request = parseCommandLine(["ls", set, "--on-error=skip", ...options], COMMANDS);
    assert(request.asks === "run");
    const terminal = new Terminal(new CommandLine([], ["unrec"]), { out: gone, err });
    assertEquals([await runLs(request.given as Parameters<typeof runLs>[0], terminal), said], [0, []]);
  }
});

Deno.test("unrec ls: on a terminal a table, and no line is longer than those of the screen", async () => {
  const pieces: string[] = [];
  const out = {
    writeSync: (bytes: Uint8Array) => pieces.push(new TextDecoder().decode(bytes)) && bytes.length,
    isTerminal: () => true,
  };
  const request = parseCommandLine(["ls", `--include=${MINI}`], COMMANDS);
  assert(request.asks === "run");
  const terminal = new Terminal(new CommandLine([], ["unrec"]), { out, err: out });
  assertEquals(await runLs(request.given as Parameters<typeof runLs>[0], terminal), 0);
  const lines = pieces.join("").trimEnd().split("\n");
  assertEquals(lines.length, 83);
  assertEquals(lines[0], "number  key  label  identity  bytes  kind  offset  path");
  assertEquals(lines[1], "     0    1      0        83   3908  jpeg      40  id_0/0_0.jpg");
});

Deno.test("unrec ls: what makes no sense, and a set without an image", async () => {
  const { code, stderr } = await runUnrec("ls", `--include=${MINI}`, "--people", "--labels-all");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--people is about people, and --labels-all about images; give one");
  assertEquals((await runUnrec("ls", `--include=${MINI}`, "--name={nothing}")).code, 2);
  assertSays(await runUnrec("ls", `--include=${DATA}/cases/empty_range`), "empty_range/train.rec");
  const full = await new Deno.Command("bash", { args: ["-c", `${UNREC} ls --include=${MINI} >/dev/full`] }).output();
  assertEquals(full.code, 1);
  assertStringIncludes(new TextDecoder().decode(full.stderr), "Cannot print to the standard output: the disk is full");
});
