import { isExactKey } from "../recordio/float32_keys.ts";
import type { DatasetIndex } from "./dataset_index.ts";
import { isOtherLabel, type KindCount } from "./image_kinds.ts";
import type { Layout } from "./layout.ts";

/**
 * Remembers where the label of images that come in reading order is another than that of the one before: a bit for each.
 * In a stream it is known only in the end which identity records name them.
 */
export class LabelChanges {
  #bits = new Uint8Array(1024);
  #images = 0;
  #last = NaN;

  /**
   * Takes the label of the next image.
   *
   * @param label The label as it is given.
   */
  add(label: number): void {
    const at = this.#images++;
    if (at >>> 3 === this.#bits.length) {
      const larger = new Uint8Array(2 * this.#bits.length);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    if (isOtherLabel(label, this.#last)) this.#bits[at >>> 3] |= 1 << (at & 7);
    this.#last = label;
  }

  /**
   * Counts the images whose label is another than that of the one before, though the same identity record names both.
   *
   * @param layout The dataset's; its order is that in which the images came.
   * @param index Its index.
   * @param firstNumber The number of its first image.
   * @returns undefined if there is none.
   */
  mixed(
    { order, identityNumbers, firstIdentity }: Layout,
    index: DatasetIndex,
    firstNumber: number,
  ): KindCount | undefined {
    let mixed: KindCount | undefined;
    for (let identity = 0; identity + 1 < identityNumbers.length; identity++) {
      for (let i = identityNumbers[identity] + 1; i < identityNumbers[identity + 1]; i++) {
        if ((this.#bits[i >>> 3] >>> (i & 7) & 1) === 0) continue;
        // A range that begins at such a key is stored as beginning at another one.
        if (!isExactKey(index.keys.at(order.at(i)))) continue;
        if (mixed === undefined) {
          const row = order.at(i);
          const first = { number: firstNumber + i, offset: index.offsets[row], key: index.keys.at(row) };
          mixed = { images: 0, first, value: firstIdentity + identity };
        }
        mixed.images++;
      }
    }
    return mixed;
  }
}
