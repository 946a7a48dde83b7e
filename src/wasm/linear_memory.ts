import { memory } from "./decoder.wasm";

/** Bytes of a Wasm page, the unit in which linear memory grows. */
const PAGE = 65_536;

/** A stretch of linear memory that belongs to one scanner. */
export interface Region {
  /** Address of its first byte, a multiple of {@linkcode PAGE}. */
  address: number;
  /** Its length in bytes, a multiple of {@linkcode PAGE}. */
  bytes: number;
}

// The first page holds the module's constants (`assembly/arena.ts`).
let top = PAGE;
const free: Region[] = [];

/**
 * Takes a region of linear memory, one given back if there is a fitting one.
 *
 * @param bytes How many bytes are wanted.
 * @returns The region. Its content is arbitrary.
 * @throws {RangeError} If linear memory cannot grow so far (its limit is 4 GiB).
 */
export function claim(bytes: number): Region {
  const wanted = Math.ceil(bytes / PAGE) * PAGE;
  const fit = free.findIndex((region) => region.bytes >= wanted);
  if (fit >= 0) return free.splice(fit, 1)[0];
  const region = { address: top, bytes: wanted };
  growTo(top + wanted);
  top += wanted;
  return region;
}

/**
 * Gives a region back for others to claim. Linear memory never shrinks: what was once needed stays with the instance.
 *
 * @param region A region that {@linkcode claim} gave.
 */
export function release(region: Region): void {
  if (region.address + region.bytes === top) top = region.address;
  else free.push(region);
}

/**
 * Makes a region larger: where it lies if it is the last one, else in a new place with its bytes copied.
 *
 * @param region A region that {@linkcode claim} gave; it must not be used any more.
 * @param bytes How many bytes are wanted, more than it has.
 * @returns The larger region.
 * @throws {RangeError} If linear memory cannot grow so far.
 */
export function enlarge(region: Region, bytes: number): Region {
  const wanted = Math.ceil(bytes / PAGE) * PAGE;
  if (region.address + region.bytes === top) {
    growTo(region.address + wanted);
    top = region.address + wanted;
    return { address: region.address, bytes: wanted };
  }
  const larger = claim(bytes);
  new Uint8Array(memory.buffer).copyWithin(
    larger.address,
    region.address,
    region.address + region.bytes,
  );
  release(region);
  return larger;
}

function growTo(address: number): void {
  const missing = Math.ceil((address - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
}
