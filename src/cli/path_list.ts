import { existsSync } from "@std/fs/exists";

/**
 * Splits paths at the commas between them. A comma may also be one of a path or a pattern: that in `{a,b}` is, and so
 * are those of a name without which nothing of that name is there.
 *
 * @param text Paths and patterns, as they are typed.
 * @returns The paths, none of them empty.
 */
export function splitAtCommas(text: string): string[] {
  if (!text.includes(",") || isThere(text)) return [text].filter((path) => path !== "");
  // Each with the comma after it.
  const pieces = text.match(/(\{[^{}]*\}|[^,])*(,|$)/g) ?? [];
  const paths: string[] = [];
  for (let i = 0; i < pieces.length;) {
    const end = endOfPath(pieces, i);
    paths.push(joined(pieces, i, end));
    i = end;
  }
  return paths.filter((path) => path !== "");
}

/** After which piece the path ends that begins with a piece. */
function endOfPath(pieces: readonly string[], from: number): number {
  if (isOnePath(pieces, from, from + 1) || !hasNameFrom(pieces[from])) return from + 1;
  for (let to = from + 2; to <= pieces.length; to++) if (isOnePath(pieces, from, to)) return to;
  return from + 1;
}

/** Whether pieces are a path that is there, or a pattern that begins as a name which is there. One without commas may be. */
function isOnePath(pieces: readonly string[], from: number, to: number): boolean {
  const path = joined(pieces, from, to);
  const plain = /^[^*?[{]*/.exec(path)![0];
  if (plain === path || isThere(path)) return isThere(path);
  return to === from + 1 || hasNameFrom(plain);
}

function joined(pieces: readonly string[], from: number, to: number): string {
  return pieces.slice(from, to).join("").replace(/,$/, "");
}

/** Whether a folder has a name that begins as a path ends. */
function hasNameFrom(path: string): boolean {
  const [, folder, begin] = /^(.*\/)?(.*)$/s.exec(path)!;
  try {
    for (const { name } of Deno.readDirSync(folder ?? ".")) if (name.startsWith(begin)) return true;
  } catch {
    // There is no such folder, or nobody may look into it.
  }
  return false;
}

/**
 * Whether something of that path is there.
 *
 * @param path The path.
 */
export function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false; // Several paths may be too long for the name of one.
  }
}
