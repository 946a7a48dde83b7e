/**
 * Keys as record 0 and identity records hold them: as float32 labels. Up to 2^24 every key is exact. Above it only every
 * second one is, above 2^25 every fourth, and so on; the others are rounded to the nearest of these, and those in the
 * middle to the one whose last binary digit is 0.
 *
 * Sources: `face2rec2.py` of deepinsight/insightface, which gives the keys as labels; `python/mxnet/recordio.py` of
 * apache/mxnet, which makes the labels float32; IEEE 754 for the rounding.
 *
 * @module
 */

/** The greatest key of an index: 2^32 - 1. */
export const LAST_KEY = 2 ** 32 - 1;

/** Below this number every key is exact; from it on one number can stand for several keys. */
export const FIRST_ROUNDED = 2 ** 24;

/**
 * Whether a key stays what it is as a label. What writes keys as labels has to ask.
 *
 * @param key A whole number.
 */
export function isExactKey(key: number): boolean {
  return Math.fround(key) === key;
}

/**
 * The keys that a label can stand for.
 *
 * @param label A float32.
 * @returns The first key and the last one, which are the label itself if it can stand for nothing else.
 */
export function keysRoundedTo(label: number): [first: number, last: number] {
  let first = label;
  let last = label;
  // NaN and what is no key are themselves. Below 2^32 keys are at most 256 apart, so few are tried.
  if (label >= FIRST_ROUNDED && label <= LAST_KEY + 1) {
    while (Math.fround(first - 1) === label) first--;
    while (Math.fround(last + 1) === label) last++;
  }
  return [first, last];
}
