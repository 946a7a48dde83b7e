import { KindCounter, type KindCounts } from "../dataset/image_kinds.ts";
import { type PixelSize, pixelSize } from "../recordio/image_head.ts";
import type { RecordView } from "../recordio/record_view.ts";

/** How many images have a size in pixels. Plain data. */
export interface SizeCount extends PixelSize {
  /** How many. */
  images: number;
}

/** Images in figures. Plain data. */
export interface ImageFigures {
  /** How many. */
  images: number;
  /** Their bytes. */
  bytes: number;
  /** By what they are, and by what is odd about their labels. */
  kinds: KindCounts;
  /** By their size in pixels, as their headers tell it, the commonest first. Those that tell none are left out. */
  sizes: SizeCount[];
}

/** Width and height go into one number, each below this. An image that claims more, or nothing, is damaged. */
const LONGEST_SIDE = 2 ** 24;

/** Counts images by what they are. */
export class ImageCounts {
  readonly #kinds = new KindCounter();
  /** By width and height in one number. */
  readonly #sizes = new Map<number, number>();
  #images = 0;
  #bytes = 0;

  /** How many images were counted. */
  get images(): number {
    return this.#images;
  }

  /** What was counted. */
  get figures(): ImageFigures {
    const sizes = Array.from(this.#sizes, ([size, images]): SizeCount => {
      return { width: Math.floor(size / LONGEST_SIDE), height: size % LONGEST_SIDE, images };
    });
    sizes.sort((a, b) => b.images - a.images || a.width - b.width || a.height - b.height);
    return { images: this.#images, bytes: this.#bytes, kinds: this.#kinds.kinds.counts, sizes };
  }

  /**
   * Counts an image. They come in the order of the file.
   *
   * @param view The image.
   */
  add(view: RecordView): void {
    this.#images++;
    this.#bytes += view.length;
    this.#kinds.add(view);
    const size = pixelSize(view.payload.name, view.bytes);
    if (size === undefined || !isSide(size.width) || !isSide(size.height)) return;
    const key = size.width * LONGEST_SIDE + size.height;
    this.#sizes.set(key, (this.#sizes.get(key) ?? 0) + 1);
  }
}

function isSide(pixels: number): boolean {
  return pixels > 0 && pixels < LONGEST_SIDE;
}
