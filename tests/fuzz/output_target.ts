/** The target for what somebody, or something, has put into an output folder. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { decode } from "../../src/decode/decode.ts";
import { journalPath, readJournal } from "../../src/decode/output_state.ts";
import { type JournalLine, journalLine } from "../../src/decode/journal_lines.ts";
import type { DecodeOptions } from "../../src/decode/options.ts";
import { UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { faces, writeDataset } from "../write_dataset.ts";
import { joined, mutate, mutateValue, oneOf } from "./samples.ts";
import type { FuzzTarget } from "./targets.ts";

type Random = () => number;

/** Tasks of a few images each. */
const HOW = { chunkBytes: 256, jobs: 1 } as const;

/** A run that was left alone. */
interface Whole {
  /** How it named files. */
  names: string;
  /** The images by their paths in the tree, in reading order. */
  images: [path: string, bytes: Uint8Array<ArrayBuffer>][];
  /** The lines of its journal, with their line feeds: the run, a line a task, and that it is complete. */
  lines: string[];
  /** How many images the first so many tasks have. */
  imagesOf: number[];
}

const TEMPLATES = ["id_{label}/{label}_{number}.jpg", "{number}.{ext}", "{label/2}/{label:04}/{number}.jpg"];

/**
 * Output folders as runs leave them that were ended anywhere, and in them what does not belong there: links, folders in
 * the place of files, files of others, damaged and forged journals. Whatever comes of a run, nothing outside changes; and
 * if it ends well, the tree is right.
 *
 * @param folder An empty folder.
 */
export async function outputTarget(folder: string): Promise<FuzzTarget> {
  const dataset = join(folder, "faces");
  writeDataset(dataset, faces({ identities: 4, images: 14, bytes: [10, 200], record0: "first" }));
  const outside = join(folder, "outside");
  Deno.mkdirSync(join(outside, "folder"), { recursive: true });
  for (const name of ["file", "folder/file"]) Deno.writeTextFileSync(join(outside, name), `${name} of others`);
  const wholes: Whole[] = [];
  for (const [i, names] of TEMPLATES.entries()) wholes.push(await wholeRun(dataset, join(folder, `whole${i}`), names));
  const output = join(folder, "images");

  return async (random) => {
    const whole = oneOf(wholes, random);
    const options: DecodeOptions = { ...HOW, restart: random() < 0.2, overwrite: random() < 0.3 };
    const finished = layOut(whole, output, random);
    // What finished images hold is looked at by `unrec verify` alone; so they stay, unless all is to be written.
    const first = options.restart ? 0 : finished;
    const isForged = random() < 0.2;
    if (isForged) forgeJournal(output, random);
    const paths = whole.images.map(([path]) => path);
    const scene: Scene = { output, outside, images: paths.slice(first), folders: foldersOf(paths), random };
    for (let acts = random() * 4; acts > 0; acts--) oneOf(ACTS, random)(scene);
    const backup = join(folder, "backup");
    if (random() < 0.3) linkAll(output, backup);
    const others = [dataset, outside, backup].filter(exists).map((path) => ({ path, before: contentOf(path) }));
    let isWritten = false;
    try {
      using source = await openDataset(dataset, HOW);
      const { images } = await decode([source], folderTree(output, { names: whole.names }), options);
      assert(isForged || images === whole.images.length, `${images} images`);
      isWritten = true;
    } catch (error) {
      assert(error instanceof UnrecError, (error as Error).stack);
    }
    for (const { path, before } of others) assertEquals(contentOf(path), before);
    if (isWritten && !isForged) { for (const image of whole.images) requireImage(output, image); }
    for (const path of [output, backup].filter(exists)) Deno.removeSync(path, { recursive: true });
  };
}

async function wholeRun(dataset: string, output: string, names: string): Promise<Whole> {
  using source = await openDataset(dataset, HOW);
  const store = folderTree(output, { names });
  await decode([source], store, HOW);
  const lines = Deno.readTextFileSync(journalPath(output)).split(/(?<=\n)/);
  const imagesOf = [0];
  for (const { parts: [{ images }] } of readJournal(output)!.tasks) imagesOf.push(imagesOf.at(-1)! + images);
  const paths = Array.from(contentOf(output).keys()).filter((path) => !path.endsWith("/") && !path.startsWith("."));
  const numberOf = (path: string) => Number(/(\d+)\.\w+$/.exec(path)![1]);
  paths.sort((a, b) => numberOf(a) - numberOf(b));
  return { names, images: paths.map((path) => [path, Deno.readFileSync(join(output, path))]), lines, imagesOf };
}

/** Lays an output out as a run leaves it that was ended anywhere. Returns how many images are finished. */
function layOut({ images, lines, imagesOf }: Whole, output: string, random: Random): number {
  Deno.mkdirSync(output);
  const tasks = Math.floor(random() * imagesOf.length);
  for (const [i, [path, bytes]] of images.entries()) {
    const isFinished = i < imagesOf[tasks];
    if (!isFinished && random() < 0.5) continue;
    Deno.mkdirSync(dirname(join(output, path)), { recursive: true });
    Deno.writeFileSync(join(output, path), isFinished || random() < 0.8 ? bytes : bytes.subarray(bytes.length / 2));
  }
  const isComplete = tasks === imagesOf.length - 1 && random() < 0.5;
  const journal = lines.slice(0, tasks + 1 + Number(isComplete));
  if (random() < 0.2) journal.push(lines[1].slice(0, random() * lines[1].length));
  Deno.writeTextFileSync(journalPath(output), journal.join(""));
  return imagesOf[tasks];
}

/** Changes what lines of the journal say, and signs them anew. */
function forgeJournal(output: string, random: Random): void {
  const lines = Deno.readTextFileSync(journalPath(output)).split("\n").filter((line) => line.length > 9);
  const forged = lines.map((line) => {
    try {
      const value: unknown = JSON.parse(line.slice(9));
      return journalLine((random() < 0.5 ? mutateValue(value, random) : value) as JournalLine);
    } catch {
      return new TextEncoder().encode(line);
    }
  });
  Deno.writeFileSync(journalPath(output), joined(forged));
}

/** What an act is done to. */
interface Scene {
  output: string;
  /** A folder with `file` and `folder`, which nothing must change. */
  outside: string;
  /** Paths in the output that images will have. */
  images: string[];
  /** Paths of folders in it that images have, or will have. */
  folders: string[];
  random: Random;
}

/** What may be done to an output folder. */
const ACTS: readonly ((scene: Scene) => void)[] = [
  // In the place of an image: a link, a folder, a file of others that has another name too, other bytes, nothing.
  (scene) => inPlace(anImage(scene), (path) => Deno.symlinkSync(`${scene.outside}/file`, path)),
  (scene) => inPlace(anImage(scene), (path) => Deno.symlinkSync(`${scene.outside}/new`, path)),
  (scene) => inPlace(anImage(scene), (path) => Deno.symlinkSync(`${scene.outside}/folder`, path)),
  (scene) => inPlace(anImage(scene), (path) => Deno.mkdirSync(path)),
  (scene) => inPlace(anImage(scene), (path) => Deno.linkSync(`${scene.outside}/file`, path)),
  (scene) => inPlace(anImage(scene), (path) => Deno.writeTextFileSync(path, "other bytes")),
  (scene) => inPlace(anImage(scene), () => {}),
  // In the place of a folder of images.
  (scene) => inPlace(aFolder(scene), (path) => Deno.symlinkSync(`${scene.outside}/folder`, path)),
  (scene) => inPlace(aFolder(scene), (path) => Deno.writeTextFileSync(path, "no folder")),
  (scene) => inPlace(aFolder(scene), () => {}),
  // In the place of the journal.
  ({ output, outside }) => inPlace(journalPath(output), (path) => Deno.symlinkSync(`${outside}/file`, path)),
  ({ output, outside }) => inPlace(journalPath(output), (path) => Deno.symlinkSync(`${outside}/new`, path)),
  ({ output, outside }) => inPlace(journalPath(output), (path) => Deno.linkSync(`${outside}/file`, path)),
  ({ output }) => inPlace(journalPath(output), (path) => Deno.mkdirSync(path)),
  ({ output }) => inPlace(journalPath(output), () => {}),
  ({ output, random }) => {
    const path = journalPath(output);
    if (isFile(path)) Deno.writeFileSync(path, mutate(Deno.readFileSync(path), random));
  },
  // What it is written to first where it has another name too.
  ({ output, outside }) =>
    inPlace(`${output}/.unrec-journal.part`, (path) => Deno.symlinkSync(`${outside}/file`, path)),
  // Beside all that.
  ({ output, outside }) => inPlace(`${output}/link`, (path) => Deno.symlinkSync(`${outside}/folder`, path)),
  ({ output }) => inPlace(`${output}/notes.txt`, (path) => Deno.writeTextFileSync(path, "mine")),
  ({ output, outside }) => inPlace(`${output}/id_9`, (path) => Deno.symlinkSync(`${outside}/folder`, path)),
  ({ output, outside }) => inPlace(`${output}/lost.tsv`, (path) => Deno.symlinkSync(`${outside}/file`, path)),
];

function anImage({ output, images, random }: Scene): string | undefined {
  return images.length === 0 ? undefined : join(output, oneOf(images, random));
}

function aFolder({ output, folders, random }: Scene): string | undefined {
  return folders.length === 0 ? undefined : join(output, oneOf(folders, random));
}

/** The folders on the way to files, each once. */
function foldersOf(paths: string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) for (let way = dirname(path); way !== "."; way = dirname(way)) folders.add(way);
  return [...folders];
}

/** Puts something in the place of what is there. It is not put into a folder that is gone: a run sees that it is gone. */
function inPlace(path: string | undefined, put: (path: string) => void): void {
  if (path === undefined) return;
  if (!exists(dirname(path)) || !Deno.lstatSync(dirname(path)).isDirectory) return;
  if (exists(path)) Deno.removeSync(path, { recursive: true });
  put(path);
}

/** Makes a backup of a folder as `cp -al` does: every file gets a second name. */
function linkAll(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory, isFile } of Deno.readDirSync(from)) {
    if (isDirectory) linkAll(join(from, name), join(to, name));
    else if (isFile) Deno.linkSync(join(from, name), join(to, name));
  }
}

function requireImage(output: string, [path, bytes]: Whole["images"][number]): void {
  for (let part = path; part !== "."; part = dirname(part)) {
    const { isFile, isDirectory } = Deno.lstatSync(join(output, part));
    assert(part === path ? isFile : isDirectory, `${part} is none of the tree`);
  }
  assertEquals(Deno.readFileSync(join(output, path)), bytes, path);
}

function isFile(path: string): boolean {
  return exists(path) && Deno.lstatSync(path).isFile;
}

/** Whether something is there; a link, wherever it leads. */
function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** All there is in a folder: its files and their texts, and folders with a slash at the end. */
function contentOf(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (within: string) => {
    for (const { name, isDirectory, isFile } of Deno.readDirSync(join(folder, within))) {
      const path = within + name;
      if (isDirectory) look(`${path}/`);
      found.set(isDirectory ? `${path}/` : path, isFile ? Deno.readTextFileSync(join(folder, path)) : "");
    }
  };
  look("");
  return new Map([...found].sort());
}
