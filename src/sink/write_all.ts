/**
 * Writes all of some bytes.
 *
 * @param file An open file.
 * @param bytes The bytes.
 */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
