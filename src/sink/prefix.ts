/** What a name may begin with: it is one, whatever the file system, and no option for another program. */
const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/;

/**
 * Why names of files cannot begin with a text.
 *
 * @param prefix The text.
 * @returns What to give in its place; undefined if they can.
 */
export function whyNoPrefix(prefix: string): string | undefined {
  if (PREFIX.test(prefix)) return undefined;
  return "give up to 100 letters, digits and _ . + -, of which the first is a letter, a digit or _";
}
