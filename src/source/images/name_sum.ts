/**
 * A sum of names and sizes, by which it is noticed later that one of them is another one. It is 64 bits, made to be fast
 * for millions of names; it is no defence against somebody who looks for two that have the same.
 */
export class NameSum {
  #a = 0x811c9dc5;
  #b = 0x9e3779b9;

  /**
   * Adds a name.
   *
   * @param name The name; another one at another place gives another sum.
   */
  addName(name: string): void {
    for (let i = 0; i < name.length; i++) this.#add(name.charCodeAt(i));
    // No name has it, so it is seen where one ends.
    this.#add(0);
  }

  /**
   * Adds a size.
   *
   * @param size Below 2^32.
   */
  addSize(size: number): void {
    this.#add(size);
  }

  /** The sum, in hexadecimal digits. */
  get hex(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #add(value: number): void {
    // FNV-1a, and a second one with another prime whose bits are turned besides, so that both do not err together.
    this.#a = Math.imul(this.#a ^ value, 0x01000193);
    this.#b = Math.imul((this.#b << 13 | this.#b >>> 19) ^ value, 0x85ebca6b);
  }
}
