/** Single images by their keys: to the standard output, to files, and what is said where there is none. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { payloadKind } from "../../src/recordio/payload_kind.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { CommandLine } from "../../src/cli/command_line.ts";
import { runGet } from "../../src/cli/get_run.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { commandAfter, paste } from "../paste.ts";
import { runUnrec, startUnrec } from "../run_unrec.ts";
import { assertSays } from "../says.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree } from "../tree.ts";

const MINI = `${DATA}/glint_mini`;

/** What the standard output gets, as bytes. */
async function get(...args: string[]) {
  const { code, stdout, stderr } = await startUnrec(["get", ...args]).output();
  return { code, bytes: stdout, stderr: new TextDecoder().decode(stderr) };
}

/** Sums of the images of a sample dataset, by their keys. */
async function sumsByKey(name: string): Promise<Map<number, string>> {
  using dataset = await openDataset(`${DATA}/${name}`);
  const sums = new Map(expectedTree(name).map((line) => [Number(/_(\d+)\.jpg$/.exec(line)![1]), line.slice(0, 64)]));
  const byKey = new Map<number, string>();
  for await (const { key, number } of dataset.images()) byKey.set(key, sums.get(number)!);
  return byKey;
}

/** A label of glint_mini that one image has. */
async function labelOfOneImage() {
  const { stdout } = await runUnrec("ls", `--include=${MINI}`, "--people", "--json");
  const people = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const { label, images, firstKey: key } = people.find(({ images }) => images === 1);
  return { label, images, key };
}

/** What is said besides that labels are read. */
function complaints(said: string): string[] {
  return said.split("\n").filter((line) => line !== "" && !line.includes("Reading labels"));
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

for (const engine of ["wasm", "ts"]) {
  Deno.test(`unrec get, ${engine}: an image goes to the standard output, with nothing else`, async () => {
    const sums = await sumsByKey("glint_mini");
    for (const key of [1, 40, 82]) {
      const { code, bytes, stderr } = await get(`${key}`, `--include=${MINI}`, `--engine=${engine}`);
      assertEquals([code, stderr, sumOf(bytes)], [0, "", sums.get(key)]);
    }
  });

  for (const set of ["glint_mini", "multipart", "header_last", "shuffled", "no_identity", "scalar_label"]) {
    Deno.test(`unrec get, ${engine}: all images of ${set} at once are those that are expected`, async () => {
      using folder = temporaryFolder();
      const sums = await sumsByKey(set);
      const output = `${folder.path}/made/images`;
      const keys = [...sums.keys()].map(String);
      const finished = await runUnrec("get", ...keys, "-i", `${DATA}/${set}`, "-o", output, `--engine=${engine}`);
      assertEquals(finished, { code: 0, stdout: keys.map((key) => `${output}/${key}.jpg\n`).join(""), stderr: "" });
      for (const [key, sum] of sums) assertEquals(sumOf(Deno.readFileSync(`${output}/${key}.jpg`)), sum);
      assertEquals([...Deno.readDirSync(output)].length, keys.length);
    });
  }
}

for (const engine of ["wasm", "ts"]) {
  Deno.test(`unrec get --label, ${engine}: all images of the label, wherever the identity records name them`, async () => {
    for (const set of ["shared_label", "shuffled", "glint_mini"]) {
      using folder = temporaryFolder();
      const wanted = expectedTree(set).filter((line) => line.includes("  id_0/")).map((line) => line.slice(0, 64));
      const args = ["--label=0", `--include=${DATA}/${set}`, `--engine=${engine}`];
      const { code, stdout, stderr } = await runUnrec("get", ...args, `--output=${folder.path}/0`);
      assertEquals([code, complaints(stderr)], [0, []]);
      const files = stdout.trimEnd().split("\n");
      assertEquals(files.map((path) => sumOf(Deno.readFileSync(path))).sort(), wanted.sort());
      assertEquals([...Deno.readDirSync(`${folder.path}/0`)].length, files.length);
      const refused = await get(...args);
      assertEquals([refused.code, refused.bytes.length], [1, 0]);
      assertEquals(complaints(refused.stderr).length, 1, refused.stderr);
      assertStringIncludes(refused.stderr, `there are ${wanted.length} images; give a folder for them, --output=DIR`);
    }
  });

  Deno.test(`unrec get --label, ${engine}: the only image of a label goes to the standard output or a file`, async () => {
    using folder = temporaryFolder();
    const { label, images, key } = await labelOfOneImage();
    assertEquals(images, 1);
    const expected = await get(`${key}`, `--include=${MINI}`);
    const { code, bytes } = await get(`--label=${label}`, `--include=${MINI}`, `--engine=${engine}`);
    assertEquals([code, bytes], [0, expected.bytes]);
    const file = `${folder.path}/only.jpg`;
    assertEquals((await get(`--label=${label}`, `--include=${MINI}`, `--output=${file}`)).code, 0);
    assertEquals(Deno.readFileSync(file), expected.bytes);
    const missing = await get("--label=-7", `--include=${MINI}`, `--engine=${engine}`);
    assertEquals([missing.code, missing.bytes.length], [1, 0]);
    assertStringIncludes(missing.stderr, "Cannot choose the label -7");
  });
}

Deno.test("unrec get -o: a file, or KEY.ext in a folder; the ending is that of what the image is", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const endings = new Set<string>();
  const print = async (...args: string[]) => {
    const { code, stdout, stderr } = await runUnrec("get", ...args);
    assertEquals([code, stderr], [0, ""]);
    return stdout;
  };
  assertEquals(await print("1", "-i", MINI, "-o", `${path}/one.bytes`), `${path}/one.bytes\n`);
  assertEquals(await print("2", "-i", MINI, "-o", path), `${path}/2.jpg\n`);
  assertEquals(await print("3", "-i", MINI, "-o", `${path}/new/`), `${path}/new/3.jpg\n`);
  assertEquals(await print("4", "4", "-i", MINI, "-o", `${path}/four`), `${path}/four\n`);
  for (const set of ["payload_forms", "png", "numpy"]) {
    using dataset = await openDataset(`${DATA}/cases/${set}`);
    for await (const { key, bytes } of dataset.images()) {
      if (bytes.length === 0) continue;
      const output = `${path}/${set}/`;
      const { extension } = payloadKind(bytes);
      assertEquals(await print(`${key}`, "-i", `${DATA}/cases/${set}`, "-o", output), `${output}${key}.${extension}\n`);
      endings.add(extension);
    }
  }
  assert(endings.has("png") && endings.has("gif") && endings.has("webp"), [...endings].join());
});

Deno.test("unrec get -o: what is there stays, unless it is to be written over; a file of the dataset stays always", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  copyFolder(MINI, set);
  const file = `${folder.path}/a.jpg`;
  Deno.writeTextFileSync(file, "mine");
  const refused = await runUnrec("get", "1", `--include=${set}`, `--output=${file}`);
  assertSays(refused, `Cannot write ${file}: it is there`);
  assertEquals(Deno.readTextFileSync(file), "mine");
  assertEquals((await paste(commandAfter(refused.stderr, "write over it with"))).code, 0);
  assertEquals(Deno.statSync(file).size, 3908);

  Deno.symlinkSync(`${set}/train.rec`, `${folder.path}/link.jpg`);
  for (const output of [`${set}/train.rec`, `${set}/train.idx`, `${folder.path}/link.jpg`]) {
    const { code, stderr } = await runUnrec("get", "1", `--include=${set}`, `--output=${output}`, "--overwrite");
    assertEquals([code, stderr.includes(`--output=${output} is a file of the dataset`)], [2, true], stderr);
  }
  assertEquals(Deno.readFileSync(`${set}/train.rec`), Deno.readFileSync(`${MINI}/train.rec`));
  assertEquals(Deno.readFileSync(`${set}/train.idx`), Deno.readFileSync(`${MINI}/train.idx`));
});

Deno.test("unrec get: keys that are not there, and records without an image; nothing is written then", async () => {
  using folder = temporaryFolder();
  const cannot = `Cannot get the image of key`;
  const path = `${MINI}/train.rec`;
  const missing = `${cannot} 4711 of ${path}: its index does not have that key; it has keys from 0 to 106`;
  assertSays(await runUnrec("get", "4711", `--include=${MINI}`), missing);
  assertSays(await runUnrec("get", "1", "4711", `--include=${MINI}`, `--output=${folder.path}/out`), missing);
  assertEquals(exists(`${folder.path}/out`), false);
  const names = "its record has no image: it names the keys from";
  assertSays(
    await runUnrec("get", "0", `--include=${MINI}`),
    `${cannot} 0 of ${path}: ${names} 83 up to, but without, 107`,
  );
  assertSays(
    await runUnrec("get", "83", `--include=${MINI}`),
    `${cannot} 83 of ${path}: ${names} 1 up to, but without,`,
  );
});

Deno.test("unrec get: what makes no sense is told in one line, with exit code 2", async () => {
  using folder = temporaryFolder();
  for (
    const [args, said] of [
      [[`--include=${MINI}`], "unrec get: give KEY or --label=L"],
      [["1", "--label=1", `--include=${MINI}`], "unrec get: give either KEY or --label=L"],
      [["--label=x", `--include=${MINI}`], "--label=x: give a whole number"],
      [["1"], "--include=DIR is missing"],
      [["x", `--include=${MINI}`], "x is no key: give a whole number from 0 to 4294967295"],
      [["1.5", `--include=${MINI}`], "1.5 is no key"],
      [["4294967296", `--include=${MINI}`], "4294967296 is no key"],
      [["1", "2", `--include=${MINI}`], "2 images in a row are no image: give a folder for them"],
      [["1", `--include=${MINI},${DATA}/second_source`, "-o", folder.path], "--include names 2"],
    ] as const
  ) {
    const { code, stdout, stderr } = await runUnrec("get", ...args);
    assertEquals([code, stdout, stderr.split("\n").length], [2, "", 2], stderr);
    assertStringIncludes(stderr, said);
  }
});

Deno.test("unrec get: damage, a missing index and an archive are told in one line", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/set`;
  copyFolder(MINI, set);
  const records = Deno.readFileSync(`${set}/train.rec`);
  const offset = Number(/^5\t(\d+)$/m.exec(Deno.readTextFileSync(`${set}/train.idx`))![1]);
  records[offset] ^= 1;
  Deno.writeFileSync(`${set}/train.rec`, records);
  assertSays(
    await runUnrec("get", "5", "-i", set),
    `Cannot read the record of key 5 at byte ${offset} of ${set}/train.rec`,
  );
  assertEquals((await get("6", "-i", set)).code, 0);
  Deno.removeSync(`${set}/train.idx`);
  assertSays(await runUnrec("get", "6", "-i", set), `there is no ${set}/train.idx`, "rebuild the index with");
  const archive = `${DATA}/cases/zip/faces_toy_112x112.zip`;
  assertSays(await runUnrec("get", "6", "-i", archive), "it is an archive");
});

Deno.test("unrec get: no image goes to a terminal, and a reader that is gone ends it quietly", async () => {
  const given = {
    include: [MINI],
    label: undefined,
    output: undefined,
    overwrite: false,
    header: [],
    engine: "wasm",
  } as const;
  const said: string[] = [];
  const err = {
    writeSync: (bytes: Uint8Array) => said.push(new TextDecoder().decode(bytes)) && bytes.length,
    isTerminal: () => false,
  };
  const written: Uint8Array[] = [];
  const out = (isTerminal: boolean) => ({
    writeSync(bytes: Uint8Array) {
      written.push(bytes.slice(0, 1000));
      return Math.min(1000, bytes.length);
    },
    isTerminal: () => isTerminal,
  });
  const line = new CommandLine([], ["unrec"]);
  let refusal = "";
  await runGet(given, new Terminal(line, { out: out(true), err }), ["1"]).catch(({ message }) => refusal = message);
  assertStringIncludes(refusal, "an image is nothing for a terminal: give --output=FILE");
  assertEquals(written, []);
  assertEquals(await runGet(given, new Terminal(line, { out: out(false), err }), ["1"]), 0);
  assertEquals(written.reduce((sum, { length }) => sum + length, 0), 3908);
  const gone = {
    writeSync: () => {
      throw new Deno.errors.BrokenPipe();
    },
    isTerminal: () => false,
  };
  assertEquals(await runGet(given, new Terminal(line, { out: gone, err }), ["1"]), 0);
  assertEquals(said, []);
});
