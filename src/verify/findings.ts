/** What can be wrong with a dataset or a tree. */
export type FindingKind =
  | "damage"
  | "key-without-record"
  | "record-without-key"
  | "duplicate-key"
  | "shared-record"
  | "repeated-image"
  | "backward-range"
  | "unnamed-record"
  | "empty-image"
  | "unknown-image"
  | "cut-image"
  | "undecodable-image"
  | "other-size"
  | "no-label-vector"
  | "label"
  | "missing-file"
  | "file-size"
  | "file-bytes"
  | "surplus-file"
  | "empty-folder";

/** One case of what is wrong. */
export interface Instance {
  /** Byte of the record file. */
  byte?: number;
  /** Key in the index. */
  key?: number;
  /** File of the tree. */
  path?: string;
  /** What else there is to say. */
  detail?: string;
}

/** How often something is wrong. */
export interface Finding {
  /** Cases. */
  count: number;
  /** The first few of them. */
  first: Instance[];
}

/** All that is wrong, by kind. Plain data. */
export type Findings = Partial<Record<FindingKind, Finding>>;

/** How many cases of a kind are kept. */
export const MOST_INSTANCES = 5;

/**
 * Adds cases.
 *
 * @param findings What was found so far.
 * @param kind What is wrong.
 * @param first The first cases; more than a few are not kept.
 * @param count How many cases there are in all.
 */
export function addFinding(
  findings: Findings,
  kind: FindingKind,
  first: Instance[],
  count: number = first.length,
): void {
  if (count === 0) return;
  const finding = findings[kind] ??= { count: 0, first: [] };
  finding.count += count;
  finding.first.push(...first.slice(0, MOST_INSTANCES - finding.first.length));
}

/**
 * Adds what was found elsewhere.
 *
 * @param findings What was found so far.
 * @param more What was found after it.
 */
export function addFindings(findings: Findings, more: Findings): void {
  for (const [kind, { count, first }] of Object.entries(more)) addFinding(findings, kind as FindingKind, first, count);
}
