import type { PickleInput } from "./pickle_input.ts";
import type { Value } from "./values.ts";

/** The stack and the memory of a pickle that is being read. */
export class Machine {
  /** The pickle. */
  readonly input: PickleInput;
  readonly #stack: Value[] = [];
  /** How high the stack was at each mark. */
  readonly #marks: number[] = [];
  readonly #memory = new Map<number, Value>();

  /** @param input The pickle. */
  constructor(input: PickleInput) {
    this.input = input;
  }

  /** How high the stack is below what may be taken. */
  get #floor(): number {
    return this.#marks.length === 0 ? 0 : this.#marks[this.#marks.length - 1];
  }

  /**
   * Puts a value on the stack.
   *
   * @param value The value.
   */
  push(value: Value): void {
    this.#stack.push(value);
  }

  /**
   * Takes the topmost value.
   *
   * @throws {UnrecError} If there is none above the last mark.
   */
  pop(): Value {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  /**
   * Takes the topmost values.
   *
   * @param count How many.
   * @returns The lowest first.
   * @throws {UnrecError} If there are not so many above the last mark.
   */
  popMany(count: number): Value[] {
    const from = this.#stack.length - count;
    if (from < this.#floor) throw this.input.nonsense("with too little on the stack");
    return this.#stack.splice(from);
  }

  /**
   * The topmost value, which stays.
   *
   * @throws {UnrecError} If there is none above the last mark.
   */
  top(): Value {
    const { length } = this.#stack;
    if (length <= this.#floor) throw this.input.nonsense("with nothing on the stack");
    return this.#stack[length - 1];
  }

  /** Marks the top of the stack. */
  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /**
   * Takes all values above the last mark, and the mark.
   *
   * @throws {UnrecError} If there is no mark.
   */
  popToMark(): Value[] {
    const height = this.#marks.pop();
    if (height === undefined) throw this.input.nonsense("without a MARK before it");
    return this.#stack.splice(height);
  }

  /**
   * Keeps the topmost value under a number.
   *
   * @param number The number; the next one if it is not given.
   */
  keep(number = this.#memory.size): void {
    this.#memory.set(number, this.top());
  }

  /**
   * Puts a value on the stack that was kept.
   *
   * @param number The number.
   * @throws {UnrecError} If none was kept under it.
   */
  recall(number: number): void {
    const value = this.#memory.get(number);
    if (value === undefined) throw this.input.nonsense(`of ${number}, under which nothing was kept`);
    this.push(value);
  }

  /**
   * Ends the reading.
   *
   * @returns The value that is left.
   * @throws {UnrecError} If more than one is.
   */
  end(): Value {
    const value = this.pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw this.input.nonsense("with more than one value left");
    return value;
  }
}
