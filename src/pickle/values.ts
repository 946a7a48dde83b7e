import type { PickledBytes, PickledText } from "./literal.ts";

/** What a pickle is made of. Numbers are whole. */
export type Value = null | boolean | number | PickledBytes | PickledText | Sequence | Named | Dtype | NumpyArray;

/** A list or a tuple. */
export class Sequence {
  /** Which of them. */
  readonly kind: "list" | "tuple";
  /** What is in it. */
  readonly items: Value[];

  /**
   * Makes one.
   *
   * @param kind Which of them.
   * @param items What is in it.
   */
  constructor(kind: "list" | "tuple", items: Value[]) {
    this.kind = kind;
    this.items = items;
  }
}

/**
 * Gives what Python's function gives; undefined for arguments that no verification set has.
 *
 * @param args The arguments.
 * @param offset Byte of the file where it is called.
 */
export type Call = (args: readonly Value[], offset: number) => Value | undefined;

/** What a pickle names: a function or a class of Python. What it stands for here is data; nothing is looked up or run. */
export class Named {
  /** Module and name: `numpy.dtype`. */
  readonly name: string;
  /** What calling it gives; undefined if it is only handed to others. */
  readonly call: Call | undefined;

  /**
   * Makes one.
   *
   * @param name Module and name.
   * @param call What calling it gives.
   */
  constructor(name: string, call: Call | undefined) {
    this.name = name;
    this.call = call;
  }
}

/** The type of a NumPy array's items: `u1` is a byte. Items of several bytes are little-endian. */
export class Dtype {
  /** As NumPy writes it: `b1`, `u1`, `i8`, `f4`. */
  readonly code: string;

  /** @param code As NumPy writes it. */
  constructor(code: string) {
    this.code = code;
  }

  /** Bytes of an item. */
  get itemBytes(): number {
    return Number(this.code.slice(1));
  }
}

/** What is in a NumPy array. */
export interface ArrayContent {
  /** The type of its items. */
  dtype: Dtype;
  /** How many there are in each dimension. */
  shape: readonly number[];
  /** The items. */
  data: PickledBytes;
}

/** A NumPy array, which is made empty and filled later. */
export class NumpyArray {
  /** What is in it; undefined before it is filled. */
  content: ArrayContent | undefined;

  /** @param content What is in it, if that is known already. */
  constructor(content?: ArrayContent) {
    this.content = content;
  }
}
