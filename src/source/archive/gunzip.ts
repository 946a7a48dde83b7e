import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** Compressed data that cannot be read on. Plain facts, so that they can cross from a worker. */
export class GunzipError extends Error {
  override name = "GunzipError";
  /** Compressed bytes that were used before. */
  readonly position: number;

  /**
   * @param message What is wrong with the data.
   * @param position Compressed bytes that were used before.
   */
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Bytes that come out at once. */
export const INFLATED_BYTES = 2 ** 20;

/**
 * Inflates gzip data (RFC 1952), of one member or several, and checks the sums in it.
 *
 * @param compressed The data.
 * @yields Inflated bytes, at most {@linkcode INFLATED_BYTES}; to be used before the next ones are asked for.
 * @throws {GunzipError} If the data are damaged or end too early; all before was yielded.
 */
export async function* gunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  // Node's streams, for DecompressionStream knows one member only, and hands out all that a piece inflates to at once.
  const input = Readable.from(compressed, { objectMode: true, highWaterMark: 1 });
  const inflater = createGunzip({ chunkSize: INFLATED_BYTES });
  input.on("error", (error) => inflater.destroy(error));
  input.pipe(inflater);
  try {
    yield* inflater;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== "string" || !code.startsWith("Z_")) throw error;
    throw new GunzipError((error as Error).message, inflater.bytesWritten);
  } finally {
    input.destroy();
    inflater.destroy();
  }
}
