import { jpegHead, pngHead } from "../recordio/image_head.ts";
import type { PayloadName } from "../recordio/payload_kind.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { addFinding, type Findings } from "./findings.ts";
import type { ImageDecoder } from "./image_decoder.ts";
import { PixelSizes, type SizeCount } from "./pixel_sizes.ts";

/** Forms that are not decoded: neither JPEG nor PNG, and JPEG in the colours of print, which the decoder does not know. */
export type OtherForm = Exclude<PayloadName, "jpeg" | "png" | "empty"> | "cmyk-jpeg";

/** What decoding images gave. Plain data. */
export interface Decoded {
  /** Images that could be decoded, by their sizes. */
  sizes: SizeCount[];
  /** How many images of each other form there are. */
  others: Partial<Record<OtherForm, number>>;
}

/** More are not decoded: they would take some 800 MB of memory. */
const MOST_PIXELS = 2 ** 26;

/** An image that waits to be decoded. */
interface Waiting {
  form: "jpeg" | "png";
  /** Where its copy lies. */
  start: number;
  end: number;
  /** Byte of the file where its record begins. */
  byte: number;
}

/**
 * Decodes the images of stretches, one stretch after the other. They are copied and wait, for decoding takes long: between
 * two images others run, and what is read meanwhile goes where they lay.
 */
export class Decoding {
  readonly #decoder: ImageDecoder;
  #findings: Findings = {};
  #sizes = new PixelSizes();
  #others: Decoded["others"] = {};
  readonly #waiting: Waiting[] = [];
  /** The copies, one after the other. It grows by doubling, and stays: copies of their own would be so much garbage. */
  #copies = new Uint8Array(2 ** 20);

  /** @param decoder Decodes. */
  constructor(decoder: ImageDecoder) {
    this.#decoder = decoder;
  }

  /**
   * Begins a stretch.
   *
   * @param findings Takes what cannot be decoded.
   */
  begin(findings: Findings): void {
    this.#findings = findings;
    this.#sizes = new PixelSizes();
    this.#others = {};
    this.#waiting.length = 0;
  }

  /** What came of the stretch. */
  get decoded(): Decoded {
    return { sizes: this.#sizes.all, others: this.#others };
  }

  /**
   * Takes an image.
   *
   * @param view The image; it may be empty.
   */
  add({ payload: { name }, bytes, offset }: RecordView): void {
    if (name === "jpeg" || name === "png") {
      const start = this.#waiting.at(-1)?.end ?? 0;
      const end = start + bytes.length;
      this.#makeRoom(end);
      this.#copies.set(bytes, start);
      this.#waiting.push({ form: name, start, end, byte: offset });
    } else if (name !== "empty") {
      this.#count(name);
    }
  }

  /**
   * Decodes the images that wait.
   *
   * @yields After each.
   */
  async *steps(): AsyncGenerator<void> {
    for (const image of this.#waiting) {
      await this.#decode(image);
      yield;
    }
    this.#waiting.length = 0;
  }

  async #decode({ form, start, end, byte }: Waiting): Promise<void> {
    const bytes = this.#copies.subarray(start, end);
    const head = form === "jpeg" ? jpegHead(bytes) : pngHead(bytes);
    if (head?.isCmyk) return this.#count("cmyk-jpeg");
    const { width, height } = head ?? { width: 0, height: 0 };
    if (width * height > MOST_PIXELS) {
      const detail = `which would have ${width} x ${height} pixels`;
      addFinding(this.#findings, "undecodable-image", [{ byte, detail }]);
    } else if (head !== undefined && await this.#decoder.decode(form, bytes)) {
      this.#sizes.add({ width, height, count: 1, first: [{ byte }] });
    } else {
      addFinding(this.#findings, "undecodable-image", [{ byte }]);
    }
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#copies.length) return;
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#copies.length));
    larger.set(this.#copies);
    this.#copies = larger;
  }

  #count(form: OtherForm): void {
    this.#others[form] = (this.#others[form] ?? 0) + 1;
  }
}

/** Puts together what decoding the stretches of a file gave, in their order. */
export class DecodedSum {
  readonly #sizes = new PixelSizes();
  readonly #others: Decoded["others"] = {};

  /** What decoding all of them gave. */
  get decoded(): Decoded {
    return { sizes: this.#sizes.all, others: this.#others };
  }

  /**
   * Adds what decoding a stretch gave.
   *
   * @param decoded What it gave.
   */
  add({ sizes, others }: Decoded): void {
    for (const size of sizes) this.#sizes.add(size);
    for (const [form, count] of Object.entries(others)) {
      this.#others[form as OtherForm] = (this.#others[form as OtherForm] ?? 0) + count;
    }
  }

  /**
   * Ends the sum: tells which images have another size than most.
   *
   * @param findings Takes them.
   */
  end(findings: Findings): void {
    this.#sizes.tellOthers(findings);
  }
}
