/**
 * Writes a label as Python's `"%d" % int(label)` does: all digits, never an exponent.
 *
 * @param label A finite whole number.
 * @returns Its decimal digits.
 */
export function labelName(label: number): string {
  // The sum turns -0 into 0.
  return Number.isSafeInteger(label) ? String(label + 0) : BigInt(label).toString();
}
