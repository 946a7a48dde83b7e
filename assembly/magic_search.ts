import { MAGIC } from "./multipart";

/**
 * The first magic word in `base + from` to `base + to` that is aligned to 4 bytes from `base`, as a position from
 * `base`, or `to` when there is none. Frames are aligned in the file, so no other magic word can begin one.
 */
export function findMagic(base: usize, from: u32, to: u32): u32 {
  let at = base + ((from + 3) & ~3);
  const end = base + to;
  const magic = i32x4.splat(MAGIC);
  // Four vectors a step: one branch for 64 bytes, and the loads overlap.
  while (at + 64 <= end) {
    const found = v128.or(
      v128.or(i32x4.eq(v128.load(at), magic), i32x4.eq(v128.load(at, 16), magic)),
      v128.or(i32x4.eq(v128.load(at, 32), magic), i32x4.eq(v128.load(at, 48), magic)),
    );
    if (v128.any_true(found)) break;
    at += 64;
  }
  while (at + 4 <= end) {
    if (load<u32>(at) == MAGIC) return <u32> (at - base);
    at += 4;
  }
  return to;
}
