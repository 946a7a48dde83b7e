import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";

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

/** Names and comments in a header are longer only in files that are made to do harm. */
const MOST_HEADER_BYTES = 2 ** 17;

/** Parts of a header that need not be there, by the bits of its flags (RFC 1952, 2.3.1). */
const FLAG = { HEADER_CRC: 2, EXTRA: 4, NAME: 8, COMMENT: 16, RESERVED: 0xe0 };

/**
 * Inflates gzip data (RFC 1952), of one member or several, and checks the sums in it.
 *
 * Node's gunzip inflates what follows the last member as one more: it fails, and what it had inflated is lost. So the
 * members are taken apart here, and only what is in them is left to zlib.
 *
 * @param compressed The data. All of them are asked for, also what follows the last member.
 * @param onGarbage Told where something else than zeros begins after the last member. It is passed over, as gzip does.
 * @yields Inflated bytes, at most {@linkcode INFLATED_BYTES}; to be used before the next ones are asked for.
 * @throws {GunzipError} If the data are damaged or end too early.
 */
export async function* gunzip(
  compressed: AsyncIterable<Uint8Array>,
  onGarbage: (position: number) => void,
): AsyncGenerator<Uint8Array, void> {
  const input = new Input(compressed);
  try {
    do {
      await readHeader(input);
      yield* inflateMember(input);
    } while (await input.beginsWith(0x1f, 0x8b));
    let told = false;
    for (let piece = await input.next(); piece !== undefined; piece = await input.next()) {
      const garbage = told ? -1 : piece.findIndex((byte) => byte !== 0);
      if (garbage < 0) continue;
      told = true;
      onGarbage(input.position - piece.length + garbage);
    }
  } finally {
    await input.close();
  }
}

/** Compressed bytes that come in pieces, of which some may be given back. */
class Input {
  /** Bytes that were taken and not given back. */
  position = 0;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const held = this.#held.shift();
      const next: IteratorResult<Uint8Array> = held === undefined ? await this.#pieces.next() : { value: held };
      if (next.done) return undefined;
      if (next.value.length === 0) continue;
      this.position += next.value.length;
      return next.value;
    }
  }

  /** Gives back the bytes that were taken last. */
  giveBack(pieces: Uint8Array[]): void {
    this.#held.unshift(...pieces);
    for (const { length } of pieces) this.position -= length;
  }

  async byte(): Promise<number | undefined> {
    const piece = await this.next();
    if (piece === undefined) return undefined;
    this.giveBack([piece.subarray(1)]);
    return piece[0];
  }

  /** Whether these are the next bytes; they are not taken. */
  async beginsWith(...bytes: number[]): Promise<boolean> {
    const taken: number[] = [];
    for (let next = await this.byte(); next !== undefined; next = await this.byte()) {
      taken.push(next);
      if (taken.length === bytes.length) break;
    }
    this.giveBack([Uint8Array.from(taken)]);
    return bytes.every((byte, i) => byte === taken[i]);
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** Reads the next bytes one by one. */
async function take(input: Input, count: number): Promise<number[]> {
  const bytes: number[] = [];
  while (bytes.length < count) {
    const byte = await input.byte();
    if (byte === undefined) throw new GunzipError("unexpected end of file", input.position);
    bytes.push(byte);
  }
  return bytes;
}

async function readHeader(input: Input): Promise<void> {
  const [id1, id2, method, flags] = await take(input, 10);
  const damaged = () => new GunzipError("incorrect header", input.position);
  if (id1 !== 0x1f || id2 !== 0x8b || method !== 8 || (flags & FLAG.RESERVED) !== 0) throw damaged();
  if (flags & FLAG.EXTRA) {
    const [low, high] = await take(input, 2);
    await take(input, low + 256 * high);
  }
  for (const part of [FLAG.NAME, FLAG.COMMENT]) {
    if ((flags & part) === 0) continue;
    for (let length = 0; (await take(input, 1))[0] !== 0; length++) if (length > MOST_HEADER_BYTES) throw damaged();
  }
  if (flags & FLAG.HEADER_CRC) await take(input, 2);
}

async function* inflateMember(input: Input): AsyncGenerator<Uint8Array, void> {
  const inflater = createInflateRaw({ chunkSize: INFLATED_BYTES });
  /** What was handed to zlib last, and where that begins in the member. */
  const fed: { piece: Uint8Array; start: number }[] = [];
  const begin = input.position;
  const pieces = async function* () {
    for (let piece = await input.next(); piece !== undefined; piece = await input.next()) {
      while (fed.length > 0 && fed[0].start + fed[0].piece.length <= inflater.bytesWritten) fed.shift();
      fed.push({ piece, start: input.position - begin - piece.length });
      yield piece;
    }
  }();
  // Node's streams, for DecompressionStream hands out all that a piece inflates to at once.
  const source = Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
  source.on("error", (error) => inflater.destroy(error));
  source.pipe(inflater);
  let sum = 0;
  let bytes = 0;
  try {
    for await (const inflated of inflater as AsyncIterable<Uint8Array>) {
      sum = crc32(inflated, sum);
      bytes += inflated.length;
      yield inflated;
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== "string" || !code.startsWith("Z_")) throw error;
    throw new GunzipError((error as Error).message, begin + inflater.bytesWritten);
  } finally {
    source.destroy();
    inflater.destroy();
  }
  // A piece may be on its way still.
  await pieces.return();
  const used = inflater.bytesWritten;
  input.giveBack(fed.map(({ piece, start }) => piece.subarray(Math.max(0, used - start))));
  const trailer = new DataView(Uint8Array.from(await take(input, 8)).buffer);
  if (trailer.getUint32(0, true) !== sum) throw new GunzipError("incorrect data check", input.position);
  if (trailer.getUint32(4, true) !== bytes % 2 ** 32) throw new GunzipError("incorrect length check", input.position);
}
