import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { complaints, type Finished } from "./run_unrec.ts";

/** Asserts that a process failed and said one line: what could not be done, and what else the line contains. */
export function assertSays(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished);
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  assert(lines[0].startsWith("unrec: Cannot "), lines[0]);
  for (const part of parts) assertStringIncludes(lines[0], part);
}
