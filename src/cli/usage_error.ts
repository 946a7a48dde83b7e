/** The command line asks for something that cannot be meant; the message says what. Exit code 2. */
export class UsageError extends Error {
  /** The name of the class. */
  override name = "UsageError";
}
