/** What a terminal would act upon, or what makes text look as if it were other text: C0, DEL, C1, line and bidi marks. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes text safe to show: nothing in it moves the cursor, begins a line or turns the direction of writing.
 *
 * @param text Any text, such as the name of a file.
 * @returns The same in one line; what is not printable as `\x1b` or `\u2028`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
  });
}

/**
 * Makes JSON safe to show.
 *
 * @param json A line of JSON.
 * @returns JSON of the same value; what is not printable as `\u001b`.
 */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Whether text can be shown as it is.
 *
 * @param text Any text.
 */
export function isPrintable(text: string): boolean {
  return printable(text) === text;
}
