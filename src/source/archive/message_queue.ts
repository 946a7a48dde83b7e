/** Messages in the order they came, for the one who asks for the next. */
export class MessageQueue<T> {
  readonly #waiting: T[] = [];
  #asked: ((message: T) => void) | undefined;

  /** Adds a message. */
  push(message: T): void {
    if (this.#asked === undefined) this.#waiting.push(message);
    else {
      this.#asked(message);
      this.#asked = undefined;
    }
  }

  /** The next message, once there is one. One at a time may ask. */
  next(): Promise<T> {
    if (this.#waiting.length > 0) return Promise.resolve(this.#waiting.shift()!);
    return new Promise((resolve) => this.#asked = resolve);
  }
}
