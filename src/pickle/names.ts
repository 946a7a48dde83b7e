import { PickledBytes, PickledText } from "./literal.ts";
import { arrayFromBuffer, makeArray, makeDtype, makeScalar, nameOf } from "./numpy.ts";
import { type Call, Named, type Value } from "./values.ts";

/** What a verification set may name, and what calling it gives; undefined for what is only handed to others. */
const CALLS: ReadonlyMap<string, Call | undefined> = new Map<string, Call | undefined>([
  ["_codecs.encode", encode],
  // Python 3 writes bytes() for empty bytes where a protocol has no others.
  ["__builtin__.bytes", noBytes],
  ["builtins.bytes", noBytes],
  ["numpy.ndarray", undefined],
  ["numpy.dtype", makeDtype],
  // numpy.core is called numpy._core since NumPy 2.
  ...["numpy.core", "numpy._core"].flatMap((core): [string, Call][] => [
    [`${core}.multiarray._reconstruct`, makeArray],
    [`${core}.multiarray.scalar`, makeScalar],
    [`${core}.numeric._frombuffer`, arrayFromBuffer],
  ]),
]);

/**
 * What a pickle names.
 *
 * @param name Module and name.
 * @returns undefined if no verification set needs it.
 */
export function named(name: string): Named | undefined {
  return CALLS.has(name) ? new Named(name, CALLS.get(name)) : undefined;
}

/** `_codecs.encode(text, "latin1")`: bytes, as Python 3 writes them for Python 2. */
function encode([text, encoding, ...rest]: readonly Value[]): PickledBytes | undefined {
  const isLatin1 = ["latin1", "latin-1"].includes(nameOf(encoding) ?? "");
  return text instanceof PickledText && isLatin1 && rest.length === 0 ? text.latin1 : undefined;
}

function noBytes(args: readonly Value[], offset: number): PickledBytes | undefined {
  return args.length === 0 ? new PickledBytes(offset, new Uint8Array()) : undefined;
}
