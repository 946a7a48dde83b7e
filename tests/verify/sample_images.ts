/** Images for tests of decoding. */
import { crc32, deflateSync } from "node:zlib";
import { openDataset } from "../../src/source/dataset_source.ts";
import { DATA } from "../tree.ts";

/** JPEGs of 112 x 112 pixels, 3 to 5 KB each. */
export async function faceImages(count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  using dataset = await openDataset(`${DATA}/glint_mini`);
  const images: Uint8Array<ArrayBuffer>[] = [];
  for await (const { bytes } of dataset.images()) {
    if (images.length === count) break;
    images.push(bytes.slice());
  }
  return images;
}

/** A JPEG of 16 x 8 grey pixels, from Pillow. */
export const SMALL_JPEG = fromBase64(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFx" +
    "lZ2P/wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AIR//9k=",
);

/** A JPEG of 8 x 8 pixels in the colours of print, from Pillow. */
export const CMYK_JPEG = fromBase64(
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5NcXlwZHhcZWdj" +
    "/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AHZsYlj/2Q==",
);

/** A GIF of one pixel. */
export const GIF = fromBase64("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=");

/**
 * A PNG with three bytes a pixel.
 *
 * @param width Pixels in a line.
 * @param height Lines.
 * @param lines What it says of its height holds `lines` lines; as many by default.
 */
export function png(width: number, height: number, lines: number = height): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(13));
  head.setUint32(0, width);
  head.setUint32(4, height);
  // Eight bits, red, green and blue.
  head.setUint16(8, 0x0802);
  const pixels = Uint8Array.from({ length: lines * (1 + 3 * width) }, (_, i) => i % (1 + 3 * width) === 0 ? 0 : i * 7);
  const chunks = [
    chunk("IHDR", new Uint8Array(head.buffer)),
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...chunks.flatMap((bytes) => [...bytes])]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** A JPEG with bytes left out of the middle of its data; it begins and ends as before. */
export function withGap(jpeg: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const at = Math.floor(jpeg.length / 2);
  return Uint8Array.from([...jpeg.subarray(0, at), ...jpeg.subarray(at + bytes)]);
}

/**
 * A JPEG that says that it has another size.
 *
 * @param jpeg One of {@linkcode faceImages}, 112 x 112.
 * @param width What it says instead.
 * @param height The same.
 */
export function claiming(jpeg: Uint8Array<ArrayBuffer>, width: number, height: number): Uint8Array<ArrayBuffer> {
  const copy = jpeg.slice();
  const at = copy.findIndex((_, i) => copy[i] === 0 && copy[i + 1] === 112 && copy[i + 2] === 0 && copy[i + 3] === 112);
  new DataView(copy.buffer).setUint16(at, height);
  new DataView(copy.buffer).setUint16(at + 2, width);
  return copy;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
