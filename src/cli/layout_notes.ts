import type { FoundRange, RoundedRanges } from "../dataset/identity_records.ts";

/** What was put right in a dataset, as JSON has it. */
export interface LayoutNote {
  /** Its record file. */
  path: string;
  /** What it is. */
  kind: "rounded";
  /** The same in a sentence. */
  text: string;
}

/**
 * Says what float32 had rounded, and how it was put right.
 *
 * @param path The record file.
 * @param rounded What is stored, and what was found.
 */
export function roundedNote(path: string, { identityRecords, images }: RoundedRanges): LayoutNote {
  const found = [
    ...differs(identityRecords) ? [`identity records are the keys ${inWords(identityRecords, "record 0")}`] : [],
    ...differs(images) ? [`images are the keys ${inWords(images, "identity records")}`] : [],
  ];
  const text = `${path} has keys that are rounded, because they are stored as float32; found from the records: ` +
    found.join("; ");
  return { path, kind: "rounded", text };
}

function inWords({ stored, found }: FoundRange, where: string): string {
  const [from, to] = stored;
  return `${found[0]} to ${found[1] - 1}, where ${where} ${where === "record 0" ? "has" : "have"} ${from} up to, but ` +
    `without, ${to}`;
}

function differs({ stored, found }: FoundRange): boolean {
  return stored.some((key, i) => key !== found[i]);
}
