import { Machine } from "./machine.ts";
import { OPCODES } from "./opcodes.ts";
import { PickleInput } from "./pickle_input.ts";
import type { Value } from "./values.ts";

/** A pickle that was read. */
export interface Pickle {
  /** What it holds. */
  value: Value;
  /** The protocol that it was written with, 0 to 5. */
  protocol: number;
  /** Bytes of the file that come after it. */
  trailingBytes: number;
}

/**
 * An opcode takes up to 250 bytes of memory, and can be one byte long. Images are longer than the opcodes that bring them,
 * 50 at most: so a file may have one for this many of its bytes, and some more where it is small.
 */
const BYTES_AN_OPCODE = 32;
const SPARE_OPCODES = 2 ** 18;
const MOST_OPCODES = 2 ** 22;

/**
 * Reads a pickle of images and truths. It is data to this reader: what it names is never looked up or run. Memory and
 * time are at most in proportion to the size of the file, whatever it says.
 *
 * @param bytes All bytes of the file; what stands there as it is, is not copied.
 * @param name What messages call the file.
 * @throws {UnrecError} If it is cut, or damaged, or has what verification sets do not have.
 */
export function readPickle(bytes: Uint8Array<ArrayBuffer>, name: string): Pickle {
  const input = new PickleInput(bytes, name);
  const machine = new Machine(input);
  const most = Math.min(MOST_OPCODES, SPARE_OPCODES + bytes.length / BYTES_AN_OPCODE);
  let protocol = 0;
  for (let count = 0; count < most; count++) {
    const code = input.next();
    const opcode = OPCODES.get(code);
    if (opcode === undefined) throw noOpcode(input, code);
    input.opcode = opcode.name;
    if (opcode.run === undefined) {
      throw input.refusal(`at byte ${input.begin} its pickle has ${opcode.name}, which is in no verification set`);
    }
    opcode.run(machine);
    protocol = Math.max(protocol, opcode.name === "PROTO" ? bytes[input.at - 1] : opcode.protocol);
    if (opcode.name === "STOP") return { value: machine.end(), protocol, trailingBytes: bytes.length - input.at };
  }
  throw input.refusal(`its pickle has more than ${Math.floor(most)} opcodes, too many for its images`);
}

function noOpcode(input: PickleInput, code: number): Error {
  const hex = `0x${code.toString(16).padStart(2, "0")}`;
  if (input.begin === 0) return input.refusal(`it is no pickle: it begins with ${hex}, which is no opcode`);
  return input.refusal(`its pickle is damaged: at byte ${input.begin} it has ${hex}, which is no opcode`, {
    kind: "download-again",
    path: input.name,
  });
}
