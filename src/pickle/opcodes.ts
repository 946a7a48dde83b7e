/**
 * The opcodes of pickles, and what those do that verification sets are made of. The others are named, and refused.
 *
 * Source: `Lib/pickletools.py` of CPython.
 *
 * @module
 */
import { PickledBytes, PickledText, type TextForm, unquote } from "./literal.ts";
import type { Machine } from "./machine.ts";
import { named } from "./names.ts";
import { fill, nameOf } from "./numpy.ts";
import { Named, Sequence, type Value } from "./values.ts";

/** An opcode. */
export interface Opcode {
  /** Its name. */
  readonly name: string;
  /** The first protocol that has it. */
  readonly protocol: number;
  /** Carries it out; undefined if no verification set needs it. */
  readonly run: ((machine: Machine) => void) | undefined;
}

/** The last protocol of pickles that there is. */
const HIGHEST_PROTOCOL = 5;

/** The most characters of a name that are shown. */
const MOST_SHOWN = 60;

/** Bytes of the largest whole number that is read: the numbers of a set are sizes and truths. */
const MOST_NUMBER_BYTES = 8;

/** By protocol: the code as a character, the name, and what it does. */
const ROWS: readonly (readonly [code: string, name: string, run?: Opcode["run"]])[][] = [
  [
    ["(", "MARK", (machine) => machine.mark()],
    [".", "STOP", () => {}],
    ["0", "POP"],
    ["2", "DUP"],
    ["F", "FLOAT"],
    ["I", "INT", (machine) => machine.push(truthOrNumber(machine))],
    ["L", "LONG", (machine) => machine.push(wholeNumber(machine, machine.input.word().replace(/L$/, "")))],
    ["N", "NONE", (machine) => machine.push(null)],
    ["P", "PERSID"],
    ["R", "REDUCE", reduce],
    ["S", "STRING", pushQuoted],
    ["V", "UNICODE", (machine) => pushText(machine, machine.input.line(), "escaped")],
    ["a", "APPEND", (machine) => append(machine, [machine.pop()])],
    ["b", "BUILD", build],
    ["c", "GLOBAL", (machine) => pushNamed(machine, machine.input.word(), machine.input.word())],
    ["d", "DICT"],
    ["g", "GET", (machine) => machine.recall(place(machine))],
    ["i", "INST"],
    ["l", "LIST", (machine) => machine.push(new Sequence("list", machine.popToMark()))],
    ["p", "PUT", (machine) => machine.keep(place(machine))],
    ["s", "SETITEM"],
    ["t", "TUPLE", (machine) => machine.push(new Sequence("tuple", machine.popToMark()))],
  ],
  [
    [")", "EMPTY_TUPLE", (machine) => machine.push(new Sequence("tuple", []))],
    ["1", "POP_MARK"],
    ["G", "BINFLOAT"],
    ["J", "BININT", (machine) => machine.push(machine.input.int32())],
    ["K", "BININT1", (machine) => machine.push(machine.input.byte())],
    ["M", "BININT2", (machine) => machine.push(machine.input.uint16())],
    ["Q", "BINPERSID"],
    ["T", "BINSTRING", (machine) => pushBytes(machine, machine.input.take(machine.input.uint32()))],
    ["U", "SHORT_BINSTRING", (machine) => pushBytes(machine, machine.input.take(machine.input.byte()))],
    ["X", "BINUNICODE", (machine) => pushText(machine, machine.input.take(machine.input.uint32()))],
    ["]", "EMPTY_LIST", (machine) => machine.push(new Sequence("list", []))],
    ["e", "APPENDS", (machine) => append(machine, machine.popToMark())],
    ["h", "BINGET", (machine) => machine.recall(machine.input.byte())],
    ["j", "LONG_BINGET", (machine) => machine.recall(machine.input.uint32())],
    ["o", "OBJ"],
    ["q", "BINPUT", (machine) => machine.keep(machine.input.byte())],
    ["r", "LONG_BINPUT", (machine) => machine.keep(machine.input.uint32())],
    ["u", "SETITEMS"],
    ["}", "EMPTY_DICT"],
  ],
  [
    ["\x80", "PROTO", checkProtocol],
    ["\x81", "NEWOBJ"],
    ["\x82", "EXT1"],
    ["\x83", "EXT2"],
    ["\x84", "EXT4"],
    ["\x85", "TUPLE1", (machine) => machine.push(new Sequence("tuple", machine.popMany(1)))],
    ["\x86", "TUPLE2", (machine) => machine.push(new Sequence("tuple", machine.popMany(2)))],
    ["\x87", "TUPLE3", (machine) => machine.push(new Sequence("tuple", machine.popMany(3)))],
    ["\x88", "NEWTRUE", (machine) => machine.push(true)],
    ["\x89", "NEWFALSE", (machine) => machine.push(false)],
    ["\x8a", "LONG1", (machine) => machine.push(longNumber(machine))],
    ["\x8b", "LONG4"],
  ],
  [
    ["B", "BINBYTES", (machine) => pushBytes(machine, machine.input.take(machine.input.uint32()))],
    ["C", "SHORT_BINBYTES", (machine) => pushBytes(machine, machine.input.take(machine.input.byte()))],
  ],
  [
    ["\x8c", "SHORT_BINUNICODE", (machine) => pushText(machine, machine.input.take(machine.input.byte()))],
    ["\x8d", "BINUNICODE8", (machine) => pushText(machine, machine.input.take(machine.input.uint64()))],
    ["\x8e", "BINBYTES8", (machine) => pushBytes(machine, machine.input.take(machine.input.uint64()))],
    ["\x8f", "EMPTY_SET"],
    ["\x90", "ADDITEMS"],
    ["\x91", "FROZENSET"],
    ["\x92", "NEWOBJ_EX"],
    ["\x93", "STACK_GLOBAL", stackGlobal],
    ["\x94", "MEMOIZE", (machine) => machine.keep()],
    // The next so many bytes can be read at once, which means nothing where all have been.
    ["\x95", "FRAME", (machine) => machine.input.expect(machine.input.uint64())],
  ],
  [
    ["\x96", "BYTEARRAY8", (machine) => pushBytes(machine, machine.input.take(machine.input.uint64()))],
    ["\x97", "NEXT_BUFFER"],
    ["\x98", "READONLY_BUFFER"],
  ],
];

/** All opcodes by their codes. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  ROWS.flatMap((rows, protocol) =>
    rows.map(([code, name, run]): [number, Opcode] => [code.charCodeAt(0), { name, protocol, run }])
  ),
);

function pushBytes(machine: Machine, bytes: Uint8Array<ArrayBuffer>): void {
  machine.push(new PickledBytes(machine.input.begin, bytes));
}

function pushQuoted(machine: Machine): void {
  const bytes = unquote(machine.input.line());
  if (bytes === undefined) throw machine.input.nonsense("of bytes that are not spelled as Python does it");
  pushBytes(machine, bytes);
}

function pushText(machine: Machine, raw: Uint8Array<ArrayBuffer>, form: TextForm = "utf-8"): void {
  machine.push(new PickledText(machine.input.begin, raw, form));
}

function append(machine: Machine, items: Value[]): void {
  const list = machine.top();
  if (!(list instanceof Sequence && list.kind === "list")) throw machine.input.nonsense("to what is no list");
  for (const item of items) list.items.push(item);
}

/** `I01` and `I00` are truths: there are no others below protocol 2. */
function truthOrNumber(machine: Machine): Value {
  const word = machine.input.word();
  return word === "01" ? true : word === "00" ? false : wholeNumber(machine, word);
}

/** The number of a place in the memory, as text. */
function place(machine: Machine): number {
  const number = wholeNumber(machine, machine.input.word());
  if (number < 0) throw machine.input.nonsense("of a number below 0");
  return number;
}

function wholeNumber(machine: Machine, word: string): number {
  if (/^-?\d{1,20}$/.test(word)) return Number(word);
  throw machine.input.nonsense("of what is no whole number, or a very large one");
}

/** A number of any length, little-endian, with a sign. */
function longNumber({ input }: Machine): number {
  const length = input.byte();
  if (length > MOST_NUMBER_BYTES) throw input.nonsense(`of ${length} bytes, a very large number`);
  const bytes = input.take(length);
  let number = length > 0 && bytes[length - 1] >= 0x80 ? -1 : 0;
  for (let i = length - 1; i >= 0; i--) number = 256 * number + bytes[i];
  return number;
}

function checkProtocol({ input }: Machine): void {
  const protocol = input.byte();
  if (protocol > HIGHEST_PROTOCOL) {
    throw input.refusal(`its pickle is of protocol ${protocol}, and ${HIGHEST_PROTOCOL} is the highest that is known`);
  }
}

function pushNamed(machine: Machine, module: string, name: string): void {
  const { input } = machine;
  const full = `${module}.${name}`;
  const value = named(full);
  if (value === undefined) {
    const shown = full.length > MOST_SHOWN ? `${full.slice(0, MOST_SHOWN)}...` : full;
    throw input.refusal(`at byte ${input.begin} its pickle names ${shown}, which is in no verification set`);
  }
  machine.push(value);
}

function stackGlobal(machine: Machine): void {
  const [name, module] = [nameOf(machine.pop()), nameOf(machine.pop())];
  if (module === undefined || name === undefined) throw machine.input.nonsense("without a name");
  pushNamed(machine, module, name);
}

/** Calls what was named, which gives data and nothing else. */
function reduce(machine: Machine): void {
  const { input } = machine;
  const [args, named] = [machine.pop(), machine.pop()];
  if (!(named instanceof Named && args instanceof Sequence)) throw input.nonsense("of what cannot be called");
  const value = named.call?.(args.items, input.begin);
  if (value === undefined) {
    throw input.refusal(`at byte ${input.begin} its pickle calls ${named.name} as no verification set does`);
  }
  machine.push(value);
}

function build(machine: Machine): void {
  const { input } = machine;
  const state = machine.pop();
  if (state instanceof Sequence && fill(machine.top(), state.items)) return;
  throw input.refusal(`at byte ${input.begin} its pickle fills a NumPy object as no verification set does`);
}
