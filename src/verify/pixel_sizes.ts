import { addFinding, type Finding, type Findings, type Instance, MOST_INSTANCES } from "./findings.ts";

/** Images of one size. Plain data. */
export interface SizeCount extends Finding {
  /** Pixels in a line. */
  width: number;
  /** Lines. */
  height: number;
}

/**
 * The size that more than half of the images have.
 *
 * @param sizes All sizes.
 * @returns It; undefined if there is none.
 */
export function commonSize(sizes: readonly SizeCount[]): SizeCount | undefined {
  const images = sizes.reduce((sum, { count }) => sum + count, 0);
  return sizes.find(({ count }) => 2 * count > images);
}

/** Counts images by their sizes in pixels. */
export class PixelSizes {
  readonly #sizes = new Map<string, SizeCount>();

  /** Each size that was met. */
  get all(): SizeCount[] {
    return [...this.#sizes.values()];
  }

  /**
   * Adds images of a size, in the order of the file.
   *
   * @param size The size, and the images.
   */
  add({ width, height, count, first }: SizeCount): void {
    const name = `${width} x ${height}`;
    const size = this.#sizes.get(name);
    if (size === undefined) {
      this.#sizes.set(name, { width, height, count, first: [...first] });
      return;
    }
    size.count += count;
    if (size.first.length < MOST_INSTANCES) size.first.push(...first.slice(0, MOST_INSTANCES - size.first.length));
  }

  /**
   * Tells of images that have another size than most. Where no size is that of most, none of them is wrong.
   *
   * @param findings Takes them.
   */
  tellOthers(findings: Findings): void {
    const { all } = this;
    const common = commonSize(all);
    if (common === undefined) return;
    const others = all.filter((size) => size !== common);
    const first = others.flatMap(({ width, height, first }) =>
      first.map(({ byte }): Instance => ({ byte, detail: `${width} x ${height} pixels` }))
    );
    first.sort((a, b) => a.byte! - b.byte!);
    addFinding(findings, "other-size", first, others.reduce((sum, { count }) => sum + count, 0));
  }
}
