import { basename } from "node:path";
import { UnrecError } from "../../errors.ts";
import { fileFacts } from "../file_facts.ts";
import type { Checksums } from "./checksums.ts";

/**
 * Makes sure that parts whose sums are not known have the sizes that `split` gives them: all alike, the last one no
 * larger, none empty. Where one was cut short the archive would go on in the midst of something, and who knows how far.
 *
 * @param parts The files, in order.
 * @param sums What sums they should have; undefined if none are taken.
 * @throws {UnrecError} If they have other sizes.
 */
export function requireEqualParts(parts: readonly string[], sums: Checksums | undefined): void {
  if (parts.length === 1) return;
  const sizes = parts.map((part) => {
    const { size } = fileFacts("part", part);
    if (size === null) throw new UnrecError(`Cannot read the parts of an archive: ${part} is no regular file`);
    return size;
  });
  if (parts.every((part) => sums?.has(basename(part)))) return;
  const last = sizes.length - 1;
  const usual = usualOf(sizes.slice(0, last));
  const odd = sizes.findIndex((size, i) => size === 0 || (i < last ? size !== usual : size > usual));
  if (odd < 0) return;
  const others = last === 1 ? "the other one" : "most parts before the last one";
  const how = sizes[odd] === 0
    ? "is empty"
    : `has ${sizes[odd]} bytes and ${others} ${usual}, and of parts only the last one may be smaller`;
  throw new UnrecError(
    `Cannot read the parts of an archive: ${parts[odd]} ${how}`,
    { kind: "download-again", path: parts[odd] },
    { kind: "pipe", commands: [["cat", ...parts]] },
  );
}

/** The size that most have; of two that as many have, the larger one: a file loses bytes sooner than it gains some. */
function usualOf(sizes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || b - a)[0][0];
}
