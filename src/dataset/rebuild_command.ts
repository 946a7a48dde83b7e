import { basename, dirname } from "node:path";

/**
 * The command that rebuilds an index, for messages.
 *
 * @param path The record file or its index, there or not.
 */
export function rebuildCommand(path: string): string {
  const records = path.replace(/\.idx$/, ".rec");
  return `unrec index --include=${basename(records) === "train.rec" ? dirname(records) : records}`;
}
