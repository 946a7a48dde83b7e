/** Reads tar archives for tests. Independent of the code under test: POSIX.1-1988, every field checked. */
import { assert, assertEquals } from "@std/assert";

/** A member of an archive. */
export interface TarMember {
  /** Its path. */
  name: string;
  /** Byte of the archive where its contents begin. */
  offset: number;
  /** What it holds. */
  bytes: Uint8Array;
}

/**
 * Reads all members.
 *
 * @param archive The archive, with its end: two blocks of zeros and nothing else.
 */
export function readTar(archive: Uint8Array): TarMember[] {
  const text = (at: number, length: number) => {
    const field = new TextDecoder("ascii").decode(archive.subarray(at, at + length));
    return field.includes("\0") ? field.slice(0, field.indexOf("\0")) : field;
  };
  const octal = (at: number, length: number) => {
    assert(/^[0-7]+$/.test(text(at, length).trimEnd()), `at byte ${at}: ${text(at, length)}`);
    return parseInt(text(at, length), 8);
  };
  const members: TarMember[] = [];
  let at = 0;
  while (archive[at] !== 0) {
    const header = archive.slice(at, at + 512);
    header.fill(32, 148, 156);
    assertEquals(octal(at + 148, 8), header.reduce((sum, byte) => sum + byte), "checksum");
    assertEquals([text(at + 257, 6), text(at + 263, 2), text(at + 156, 1)], ["ustar", "00", "0"]);
    assertEquals([octal(at + 100, 8), octal(at + 108, 8), octal(at + 116, 8)], [0o444, 0, 0]);
    const prefix = text(at + 345, 155);
    const size = octal(at + 124, 12);
    const offset = at + 512;
    const name = prefix === "" ? text(at, 100) : `${prefix}/${text(at, 100)}`;
    members.push({ name, offset, bytes: archive.slice(offset, offset + size) });
    at = offset + Math.ceil(size / 512) * 512;
    assert(archive.subarray(offset + size, at).every((byte) => byte === 0));
  }
  assertEquals(archive.length - at, 1024);
  assert(archive.subarray(at).every((byte) => byte === 0));
  return members;
}
