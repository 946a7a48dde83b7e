import { gzipSync } from "node:zlib";
import { DATA } from "../../tree.ts";

/** How an archive is made. */
export interface ArchiveSpec {
  /** What is packed, in order: paths below the folder of sample datasets, or below `from`. */
  names: string[];
  /** The folder they lie in. */
  from?: string;
  /** As `tar --format` takes it. */
  format?: "ustar" | "gnu" | "posix";
  /** Whether it is compressed. */
  gzip?: boolean;
}

/** Packs files with the system's tar. */
export function makeTar({ names, from = DATA, format = "gnu", gzip = true }: ArchiveSpec): Uint8Array<ArrayBuffer> {
  const args = [`--format=${format}`, "-cf", "-", "-C", from, ...names];
  const { success, stdout, stderr } = new Deno.Command("tar", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return gzip ? new Uint8Array(gzipSync(stdout)) : new Uint8Array(stdout);
}

/** Writes bytes as `count` parts, `stem_00`, `stem_01`, ..., and returns their paths. */
export function writeParts(bytes: Uint8Array, stem: string, count: number): string[] {
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, i) => {
    const path = `${stem}_${String(i).padStart(2, "0")}`;
    Deno.writeFileSync(path, bytes.subarray(i * size, (i + 1) * size));
    return path;
  });
}

/** A tar header as POSIX describes it, for entries that no tar program would write. */
export function tarHeader(path: string, size: number, type: string, link = ""): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(512);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  put(path, 0);
  put(["0000644", "0000000", "0000000"].join("\0"), 100);
  put(size < 8 ** 11 ? `${size.toString(8).padStart(11, "0")}\0` : "", 124);
  // Sizes beyond 8 GB are binary, with the highest bit set, as GNU tar writes them.
  if (size >= 8 ** 11) new DataView(block.buffer).setBigUint64(128, BigInt(size)), block[124] = 0x80;
  put("00000000000\0        ", 136);
  put(type, 156);
  put(link, 157);
  put("ustar\u000000", 257);
  put(`${block.reduce((sum, byte) => sum + byte).toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
