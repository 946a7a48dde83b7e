/** Stands in for `@std/assert` over `node:assert`, with just the functions that the tests use. */
import assertModule from "node:assert/strict";

/** Throws if `value` is falsy. */
export function assert(value: unknown, message?: string): asserts value {
  assertModule.ok(value, message);
}

/** Throws if the two are not deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.deepEqual(actual, expected, message);
}

/** Throws if `actual` does not contain `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assertModule.ok(actual.includes(expected), message ?? `${JSON.stringify(actual)} has no ${JSON.stringify(expected)}`);
}

// deno-lint-ignore no-explicit-any -- the signature of @std/assert
type ErrorClass = new (...args: any[]) => Error;

/** Throws unless `fn` throws an `errorClass` whose message contains `text`. */
export function assertThrows(fn: () => unknown, errorClass: ErrorClass, text = ""): void {
  assertModule.throws(fn, (error: unknown) => check(error, errorClass, text));
}

/** Throws unless `fn` rejects with an `errorClass` whose message contains `text`. */
export async function assertRejects(fn: () => Promise<unknown>, errorClass: ErrorClass, text = ""): Promise<void> {
  await assertModule.rejects(fn, (error: unknown) => check(error, errorClass, text));
}

function check(error: unknown, errorClass: ErrorClass, text: string): true {
  assertModule.ok(error instanceof errorClass, `not a ${errorClass.name}: ${error}`);
  assertStringIncludes(error.message, text);
  return true;
}
