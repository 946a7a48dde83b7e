/**
 * Draws labels at random: those with the least hashes. So what is drawn depends on the seed and on which labels there
 * are, but not on their order, on the machine or on the number of threads; 10 labels are among the 100 that the same
 * seed draws; and a label more or less changes no more than its own place.
 *
 * @param labels The labels, each once.
 * @param count How many to draw, at most as many as there are.
 * @param seed 0 to 4,294,967,295.
 * @returns Those drawn, in no special order.
 */
export function drawLabels(labels: readonly number[], count: number, seed: number): number[] {
  const hashes = Uint32Array.from(labels, (label) => labelHash(label, seed));
  const order = Uint32Array.from(labels, (_, i) => i).sort((a, b) => hashes[a] - hashes[b] || labels[a] - labels[b]);
  return Array.from(order.subarray(0, count), (i) => labels[i]);
}

const BYTES = new DataView(new ArrayBuffer(8));

/**
 * MurmurHash3 (x86, 32 bits, `MurmurHash3.cpp` of aappleby/smhasher) of a label as the 8 bytes of a little-endian
 * double. Python has the same: `mmh3.hash(struct.pack("<d", label), seed, signed=False)`.
 *
 * @param label The label.
 * @param seed 0 to 4,294,967,295.
 * @returns 0 to 4,294,967,295.
 */
export function labelHash(label: number, seed: number): number {
  // Both zeros are one label.
  BYTES.setFloat64(0, label === 0 ? 0 : label, true);
  let hash = seed | 0;
  for (let at = 0; at < 8; at += 4) {
    const word = Math.imul(rotated(Math.imul(BYTES.getInt32(at, true), 0xcc9e2d51), 15), 0x1b873593);
    hash = Math.imul(rotated(hash ^ word, 13), 5) + 0xe6546b64 | 0;
  }
  hash ^= 8;
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
