/** Folders of verification sets: what is written, in which order, and what is done with what is there. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { RefusedError, UnrecError } from "../../src/errors.ts";
import { readVerificationSet } from "../../src/pickle/verification_set.ts";
import { PairsFolder } from "../../src/sink/pairs_folder.ts";
import { PAIRS, read } from "../pickle/sets.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const SET = readVerificationSet(Deno.readFileSync(join(PAIRS, "pairs_p3.bin")), "pairs_p3.bin");

function contentOf(folder: string): Map<string, string> {
  const files = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  return new Map(files.map((name) => [name, Deno.readFileSync(join(folder, name)).toHex()]));
}

/** Gives all files of a folder a time of long ago. */
function age(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) Deno.utimeSync(join(folder, name), 1e9, 1e9);
}

/** The names of files that were not written since. */
function agedIn(folder: string): string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  return names.filter((name) => Deno.statSync(join(folder, name)).mtime?.getTime() === 1e12);
}

Deno.test("PairsFolder: the list is the last file that is written", async () => {
  using folder = temporaryFolder();
  const pairs = new PairsFolder(SET, join(folder.path, "new/set"));
  const listed: boolean[] = [];
  const isListed = () => contentOf(pairs.path).has("pairs.tsv");
  assertEquals(await pairs.write({ onImage: () => listed.push(isListed()) }), { images: 24, wasComplete: false });
  assertEquals([listed.length, listed.includes(true), isListed()], [24, false, true]);
  const names = Array.from(pairs.images.keys());
  assertEquals([...contentOf(pairs.path).keys()], [...names, "pairs.tsv"]);
});

Deno.test("PairsFolder: what is there is not written again; what is missing, and what is there in part, is", async () => {
  using folder = temporaryFolder();
  const pairs = new PairsFolder(SET, folder.path);
  await pairs.write();
  const whole = contentOf(folder.path);
  age(folder.path);
  // As a process leaves it that was killed: a part of an image, or none of it, and of the list.
  Deno.truncateSync(join(folder.path, "00007_b.jpg"), 1000);
  Deno.linkSync(join(folder.path, "00007_b.jpg"), join(folder.path, ".backup"));
  Deno.truncateSync(join(folder.path, "00008_a.jpg"), 0);
  Deno.removeSync(join(folder.path, "00008_b.jpg"));
  Deno.removeSync(join(folder.path, "pairs.tsv"));
  Deno.writeTextFileSync(join(folder.path, ".pairs.tsv.part"), "0\t0");
  const there: boolean[] = [];
  const written = await pairs.write({ onImage: (_, wasThere) => there.push(wasThere) });
  assertEquals(written, { images: 3, wasComplete: false });
  assertEquals(there, [...Array(21).fill(true), false, false, false]);
  // What else a file is called stays as it is.
  assertEquals(Deno.statSync(join(folder.path, ".backup")).size, 1000);
  Deno.removeSync(join(folder.path, ".backup"));
  assertEquals(contentOf(folder.path), whole);
  assertEquals(agedIn(folder.path).length, 21);
  assertEquals(await pairs.write(), { images: 0, wasComplete: true });
});

Deno.test("PairsFolder: a list that is missing is written", async () => {
  using folder = temporaryFolder();
  const pairs = new PairsFolder(SET, folder.path);
  await pairs.write();
  Deno.removeSync(join(folder.path, "pairs.tsv"));
  assertEquals(await pairs.write(), { images: 0, wasComplete: false });
  assertEquals(contentOf(folder.path).has("pairs.tsv"), true);
});

for (
  const [what, spoil] of [
    ["another image", (path: string) => Deno.writeTextFileSync(`${path}/00003_a.jpg`, "other")],
    ["a longer image", (path: string) => Deno.writeFileSync(`${path}/00003_a.jpg`, Uint8Array.of(1), { append: true })],
    ["a folder", (path: string) => {
      Deno.removeSync(`${path}/00003_a.jpg`);
      Deno.mkdirSync(`${path}/00003_a.jpg`);
    }],
    ["another file", (path: string) => {
      Deno.removeSync(`${path}/pairs.tsv`);
      Deno.writeTextFileSync(`${path}/00012_a.jpg`, "");
    }],
    ["another list", (path: string) => Deno.writeTextFileSync(`${path}/pairs.tsv`, "0\t1\t00000_a.jpg\t00000_b.jpg\n")],
  ] as [string, (path: string) => void][]
) {
  Deno.test(`PairsFolder: ${what} is refused, and nothing is changed`, async () => {
    using folder = temporaryFolder();
    const pairs = new PairsFolder(SET, folder.path);
    await pairs.write();
    Deno.removeSync(join(folder.path, "00000_a.jpg"));
    spoil(folder.path);
    age(folder.path);
    const before = agedIn(folder.path);
    await assertRejects(() => pairs.write(), RefusedError);
    assertEquals([...Deno.readDirSync(folder.path)].length, before.length);
    assertEquals(agedIn(folder.path), before);
    if (what !== "a folder") assertEquals((await pairs.write({ overwrite: true }))?.wasComplete, false);
    else await assertRejects(() => pairs.write({ overwrite: true }), UnrecError, "it is a directory");
  });
}

Deno.test("PairsFolder: it can be ended between two images", async () => {
  using folder = temporaryFolder();
  const pairs = new PairsFolder(SET, folder.path);
  const controller = new AbortController();
  let count = 0;
  const onImage = () => void (++count === 5 && controller.abort());
  assertEquals(await pairs.write({ signal: controller.signal, onImage }), undefined);
  assertEquals([count, contentOf(folder.path).size], [5, 5]);
  assertEquals(await pairs.write({ signal: controller.signal }), undefined);
  assertEquals(await pairs.write(), { images: 19, wasComplete: false });
});

Deno.test("PairsFolder: there is no list as long as images of another set are among these", async () => {
  using folder = temporaryFolder();
  const file = Deno.readFileSync(join(PAIRS, "pairs_p4.bin"));
  await new PairsFolder(readVerificationSet(file, "pairs_p4.bin"), folder.path).write();
  const pairs = new PairsFolder(SET, folder.path);
  const controller = new AbortController();
  const options = { overwrite: true, signal: controller.signal, onImage: () => controller.abort() };
  assertEquals(await pairs.write(options), undefined);
  assertEquals(contentOf(folder.path).has("pairs.tsv"), false);
  await pairs.write({ overwrite: true });
  assertEquals(await pairs.write(), { images: 0, wasComplete: true });
});

Deno.test("PairsFolder: numbers have at least five digits, endings go by the content", () => {
  const images = `S'\\x89PNG\\r\\n\\x1a\\n'\nC\x06GIF89aC\x03abcC\0`;
  const set = read(`((${images}l(I01\nI00\nlt.`);
  assertEquals([...new PairsFolder(set, "x").images.keys()], [
    "00000_a.png",
    "00000_b.gif",
    "00001_a.bin",
    "00001_b.bin",
  ]);
  const pairs = 100_001;
  const same = `(${"\x88".repeat(pairs)}l`;
  const many = read(`]((S'a'\np0\n${"h\0".repeat(2 * pairs - 1)}l${same}e.${"x".repeat(2 ** 22)}`);
  assertEquals([...new PairsFolder(many, "x").images.keys()], ["000000_a.bin"]);
});
