/** Where images go. */
export interface ImageSink {
  /**
   * Takes an image.
   *
   * @param label Its class, a whole number.
   * @param ordinal Its place in reading order over all datasets, from 0.
   * @param bytes The encoded image: a view that is overwritten after the call, so copy what is to be kept.
   * @throws {UnrecError} If it cannot be stored. Nothing half-stored is left then.
   */
  write(label: number, ordinal: number, bytes: Uint8Array<ArrayBuffer>): void;

  /**
   * Called after the last image of a task, before the task counts as finished: makes what was written durable, if that
   * is wanted.
   *
   * @returns How many seconds that took since the last call.
   * @throws {UnrecError} If it cannot be done.
   */
  flush?(): number;
}
