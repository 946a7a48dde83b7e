import { type Remedy, UnrecError } from "../errors.ts";
import { Stopped } from "../pool/work.ts";
import { RecordError, type RecordProblem } from "../recordio/problem.ts";

/** Why a task ended early: a record of its last part that cannot be read, or what else went wrong. Plain data. */
export type TaskFailure = { problem: RecordProblem } | { message: string; remedies: readonly Remedy[] };

/**
 * Why a task ended early, as its outcome has it.
 *
 * @param error What was thrown.
 * @returns undefined if it was asked to stop.
 * @throws {Error} What is neither: a defect.
 */
export function failureOf(error: unknown): TaskFailure | undefined {
  if (error instanceof RecordError) return { problem: error.problem };
  if (error instanceof UnrecError) return { message: error.message, remedies: error.remedies };
  if (error instanceof Stopped) return undefined;
  throw error;
}
