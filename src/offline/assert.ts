/** Stands in for `@std/assert` over `node:assert`, for the tests. */
import strict from "node:assert/strict";

/** A class of errors. */
// deno-lint-ignore no-explicit-any -- an error may be made of anything
export type ErrorClass<E extends Error> = new (...args: any[]) => E;

/**
 * Throws if a value is falsy.
 *
 * @param expr The value.
 * @param msg What to say then.
 */
export function assert(expr: unknown, msg?: string): asserts expr {
  strict.ok(expr, msg);
}

/**
 * Throws if two values are not deeply equal.
 *
 * @param actual What there is.
 * @param expected What there should be.
 * @param msg What to say then.
 */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  strict.deepEqual(actual, expected, msg);
}

/**
 * Throws if a text does not contain another.
 *
 * @param actual The text.
 * @param expected What it should contain.
 * @param msg What to say then.
 */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  strict.ok(actual.includes(expected), msg ?? `${JSON.stringify(actual)} does not contain ${JSON.stringify(expected)}`);
}

/**
 * Throws if a text does not match a pattern.
 *
 * @param actual The text.
 * @param expected The pattern.
 * @param msg What to say then.
 */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  strict.match(actual, expected, msg);
}

/**
 * Throws unless a function throws an error.
 *
 * @param fn The function.
 * @param errorClass What it should throw.
 * @param msgIncludes What its message should contain.
 * @returns What it threw.
 */
export function assertThrows<E extends Error>(fn: () => unknown, errorClass: ErrorClass<E>, msgIncludes = ""): E {
  try {
    fn();
  } catch (error) {
    return checked(error, errorClass, msgIncludes);
  }
  strict.fail("nothing is thrown");
}

/**
 * Throws unless a promise is rejected with an error.
 *
 * @param fn Gives the promise.
 * @param errorClass What it should be rejected with.
 * @param msgIncludes What its message should contain.
 * @returns What it was rejected with.
 */
export async function assertRejects<E extends Error>(
  fn: () => Promise<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes = "",
): Promise<E> {
  const promise = fn();
  try {
    await promise;
  } catch (error) {
    return checked(error, errorClass, msgIncludes);
  }
  strict.fail("nothing is rejected");
}

function checked<E extends Error>(error: unknown, errorClass: ErrorClass<E>, msgIncludes: string): E {
  strict.ok(error instanceof errorClass, `not a ${errorClass.name}: ${error}`);
  assertStringIncludes(error.message, msgIncludes);
  return error;
}
