/**
 * Reads verification sets with pickleparser, a library of npm, and prints a line of JSON for each: pairs of the same person
 * as 1 or 0, and the sha256 of both images.
 *
 *     deno run -A --no-config --no-lock tests/pickle/read_with_pickleparser.ts [FILE...]
 *
 * It is a process of its own, so that the library stays out of `deno.json` and the lock file. Without arguments it only
 * looks whether it can be had. It knows no escapes, and so no sets of protocol 0.
 */

/** Not a literal where it is imported: a type check would download that. */
const PICKLEPARSER: string = "npm:pickleparser@0.2.1";

/** What is used of it. */
interface PickleParser {
  Parser: new (options: { nameResolver: { resolve(module: string, name: string): unknown } }) => {
    parse(bytes: Uint8Array): [images: unknown[], same: unknown];
  };
}

/** A NumPy array, or the type of one. */
class Filled {
  data: Uint8Array = new Uint8Array();
  itemBytes = 1;

  __setstate__(state: unknown[]): void {
    if (state.length === 5) [this.data, this.itemBytes] = [bytesOf(state[4]), (state[2] as Filled).itemBytes];
  }
}

const FUNCTIONS: Record<string, (...args: never[]) => unknown> = {
  encode: (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
  bytes: () => new Uint8Array(),
  ndarray: () => new Filled(),
  dtype: (code: string) => Object.assign(new Filled(), { itemBytes: Number(code.slice(1)) }),
  _reconstruct: () => new Filled(),
  _frombuffer: (data: Uint8Array, dtype: Filled) => Object.assign(new Filled(), { data, itemBytes: dtype.itemBytes }),
  scalar: (_: Filled, data: unknown) => bytesOf(data)[0],
};

/** What the library takes bytes of Python 2 for: text in windows-1252. */
const LETTERS = new TextDecoder("windows-1252").decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof Filled) return value.data.slice();
  if (typeof value === "string") return Uint8Array.from(value, (letter) => LETTERS.indexOf(letter));
  return (value as Uint8Array<ArrayBuffer>).slice();
}

async function sumOf(image: unknown): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(image))).toHex();
}

const { Parser }: PickleParser = await import(PICKLEPARSER);
for (const path of Deno.args) {
  const parser = new Parser({ nameResolver: { resolve: (_, name) => FUNCTIONS[name] } });
  const [images, same] = parser.parse(Deno.readFileSync(path));
  const sums = await Promise.all(images.map(sumOf));
  const truths = same instanceof Filled
    ? Array.from({ length: same.data.length / same.itemBytes }, (_, i) => same.data[i * same.itemBytes])
    : same as unknown[];
  console.log(JSON.stringify(truths.map((truth, i) => [Number(truth), sums[2 * i], sums[2 * i + 1]])));
}
