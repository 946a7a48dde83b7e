/**
 * Verification sets of 6,000 pairs, as lfw.bin has, with images of 6,000 bytes on average (72 MB): `unrec pairs` against
 * Python, which loads the pickle and writes the same files.
 *
 *     deno task measure bench/pairs.ts [ROUNDS]
 *
 * The set is written with protocol 3, where images stand as they are, and with protocol 2 of Python 3, where they are text
 * that has to be decoded. All lies in memory (/dev/shm). Times are those of whole processes. The programs take turns.
 */
import { RUN } from "../tests/run_unrec.ts";
import { faces } from "../tests/write_dataset.ts";
import { markdownTable } from "./markdown_table.ts";
import { median } from "./median.ts";
import { peakMemory } from "./peak_memory.ts";
import { isRunnable, runProcess } from "./run_process.ts";
import { Scratch } from "./scratch.ts";

/** Bytes, of an image or of what a pickle says of it. */
type Image = Uint8Array<ArrayBuffer>;

const PAIRS = 6000;

/** What somebody writes who has Python and no MXNet. */
const SCRIPT = `
import os, pickle, sys
bins, same = pickle.load(open(sys.argv[1], "rb"))
os.makedirs(sys.argv[2])
with open(sys.argv[2] + "/pairs.tsv", "w") as pairs:
    for i, one in enumerate(same):
        names = ["%05d_%s.jpg" % (i, letter) for letter in "ab"]
        for name, image in zip(names, bins[2 * i : 2 * i + 2]):
            with open(sys.argv[2] + "/" + name, "wb") as file:
                file.write(image)
        print(i, int(one), *names, sep="\\t", file=pairs)
`;

async function main(rounds: number): Promise<void> {
  using scratch = new Scratch();
  const output = `${scratch.path}/out`;
  const images = [...faces({ identities: 1, images: 2 * PAIRS, bytes: [4000, 8000], record0: "first" })]
    .filter(({ image }) => image.length > 0).map(({ image }) => image.slice());
  const unrec = (path: string, ...more: string[]) => [Deno.execPath(), ...RUN, "pairs", `--include=${path}`, ...more];
  const sets = [
    { protocol: "protocol 3", path: `${scratch.path}/p3.bin`, bytes: await pickleOf(images, plain) },
    { protocol: "protocol 2", path: `${scratch.path}/p2.bin`, bytes: await pickleOf(images, asText) },
  ];
  for (const { path, bytes } of sets) Deno.writeFileSync(path, bytes);
  const hasPython = isRunnable(["python3", "-c", "import pickle"]);
  const contestants = sets.flatMap(({ protocol, path }) => {
    return [
      { name: `unrec pairs --output, ${protocol}`, command: unrec(path, `--output=${output}`), path },
      { name: `unrec pairs, ${protocol}`, command: unrec(path), path },
      ...hasPython ? [{ name: `Python, ${protocol}`, command: ["python3", "-c", SCRIPT, path, output], path }] : [],
    ];
  }).map((contestant) => ({ ...contestant, wall: [] as number[], user: [] as number[], system: [] as number[] }));

  for (let round = 0; round < rounds; round++) {
    for (const { name, command, wall, user, system } of contestants) {
      scratch.remove(output);
      const run = runProcess(command);
      wall.push(run.wall);
      user.push(run.user);
      system.push(run.system);
      console.error(`round ${round + 1}: ${name} ${run.wall.toFixed(2)} s`);
    }
  }
  const rows: string[][] = [];
  for (const { name, command, path, wall, user, system } of contestants) {
    scratch.remove(output);
    rows.push([
      name,
      (Deno.statSync(path).size / 1e6).toFixed(0),
      Math.min(...wall).toFixed(2),
      ...[wall, user, system].map((times) => median(times).toFixed(2)),
      (await peakMemory(command) / 1e6).toFixed(0),
    ]);
  }
  console.log(markdownTable(["program", "set MB", "least s", "median s", "user s", "kernel s", "peak MB"], rows));
}

/** A pickle of the images, in which one pair is of the same person and the next one is not. */
async function pickleOf(images: readonly Image[], spell: (image: Image) => Image[]): Promise<Uint8Array> {
  const pieces = [
    ...[bytesOf("\x80\x03]("), ...images.flatMap(spell)],
    bytesOf(`e](${"\x88\x89".repeat(images.length / 4)}e\x86.`),
  ];
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** As protocol 3 has it. */
function plain(image: Image): Image[] {
  return [bytesOf("B"), lengthOf(image), image];
}

/** As Python 3 writes it for Python 2: text, and how to encode it. */
function asText(image: Image): Image[] {
  const text = new TextEncoder().encode(Array.from(image, (byte) => String.fromCharCode(byte)).join(""));
  return [bytesOf("c_codecs\nencode\nX"), lengthOf(text), text, bytesOf("X\x06\0\0\0latin1\x86R")];
}

function lengthOf({ length }: Image): Image {
  return new Uint8Array(Uint32Array.of(length).buffer);
}

/** Bytes that are written as text, a character for each. */
function bytesOf(text: string): Image {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

if (import.meta.main) await main(Math.max(1, Number(Deno.args[0] ?? 7)));
