/**
 * Whether a file is a list that this program has written, and not one of somebody else that has its name.
 *
 * @param path The file; there need be none.
 * @param header Its first line, in ASCII.
 */
export function isOwnList(path: string, header: string): boolean {
  try {
    if (!Deno.lstatSync(path).isFile) return false;
    using file = Deno.openSync(path);
    const begin = new Uint8Array(header.length);
    return file.readSync(begin) === begin.length && new TextDecoder().decode(begin) === header;
  } catch {
    return false;
  }
}
