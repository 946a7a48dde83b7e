import { describeProblem } from "../recordio/problem.ts";
import type { Damage } from "./walk_records.ts";

/**
 * Says what a stretch of a file is instead of records.
 *
 * @param damage From a walk.
 * @returns Part of a sentence.
 */
export function describeDamage({ start, end, problem }: Damage): string {
  // The position of this problem is the end of the file; where a record follows, it is the length that is wrong.
  const why = problem.kind === "truncated" && end < problem.position
    ? "the length of the record there leads past the end of the file"
    : describeProblem(problem);
  return `bytes ${start} to ${end - 1}: ${why}`;
}
