import { systemReason } from "../errors.ts";

/**
 * Prints to standard output.
 *
 * @param text Without its last line feed.
 * @returns The exit code: 1 if it could not be printed.
 */
export function print(text: string): 0 | 1 {
  const bytes = new TextEncoder().encode(`${text}\n`);
  try {
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
    return 0;
  } catch (error) {
    complain(`Cannot print to the standard output: ${systemReason(error)}`);
    return 1;
  }
}

/**
 * Says something on standard error, in one line whatever the names of files contain.
 *
 * @param text Without a line feed.
 */
export function complain(text: string): void {
  // deno-lint-ignore no-control-regex
  const line = text.replace(/[\x00-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
  console.error(`unrec: ${line}`);
}
