/**
 * A column of whole numbers (u32) kept as runs of consecutive ones: 12, 13, 14, 7, 8 is two runs. A million keys or
 * rows that follow each other take as much room as one.
 */
export class Runs {
  /** First number of each run. */
  starts: Uint32Array<ArrayBuffer> = new Uint32Array(16);
  /** Position of that number in the column. */
  positions: Uint32Array<ArrayBuffer> = new Uint32Array(16);
  /** How many runs there are. */
  count = 0;
  /** How many numbers the column has. */
  length = 0;
  #order: Uint32Array<ArrayBuffer> | undefined;

  /**
   * Appends `start`, `start + 1`, ... to the column.
   *
   * @param start The first number.
   * @param length How many numbers.
   */
  append(start: number, length: number): void {
    if (length === 0) return;
    const last = this.count - 1;
    if (last < 0 || start !== this.starts[last] + this.length - this.positions[last]) {
      if (this.count === this.starts.length) {
        this.starts = doubled(this.starts);
        this.positions = doubled(this.positions);
      }
      this.starts[this.count] = start;
      this.positions[this.count] = this.length;
      this.count++;
      this.#order = undefined;
    }
    this.length += length;
  }

  /** How many numbers a run has. */
  lengthOf(run: number): number {
    return (run + 1 < this.count ? this.positions[run + 1] : this.length) - this.positions[run];
  }

  /** The number at a position, 0 to {@linkcode length} - 1. */
  at(position: number): number {
    const run = this.runAt(position);
    return this.starts[run] + position - this.positions[run];
  }

  /** The run that holds a position. */
  runAt(position: number): number {
    return lastAtMost(this.count, position, (run) => this.positions[run]);
  }

  /**
   * A piece of the column.
   *
   * @param position Where it begins.
   * @param length How many numbers it has.
   */
  slice(position: number, length: number): Runs {
    const piece = new Runs();
    const end = position + length;
    for (let run = this.runAt(position); position < end; run++) {
      const within = position - this.positions[run];
      const count = Math.min(this.lengthOf(run) - within, end - position);
      piece.append(this.starts[run] + within, count);
      position += count;
    }
    return piece;
  }

  /**
   * Takes the numbers of this column for positions in another.
   *
   * @param column The other column.
   * @returns What stands at those positions.
   */
  map(column: Runs): Runs {
    const found = new Runs();
    for (let run = 0; run < this.count; run++) {
      const start = this.starts[run];
      const end = start + this.lengthOf(run);
      for (let position = start; position < end;) {
        const at = column.runAt(position);
        const within = position - column.positions[at];
        const count = Math.min(column.lengthOf(at) - within, end - position);
        found.append(column.starts[at] + within, count);
        position += count;
      }
    }
    return found;
  }

  /** The runs in the order of their first numbers; equal ones in the order of the column. */
  sorted(): Uint32Array<ArrayBuffer> {
    if (this.#order !== undefined) return this.#order;
    const packed = new BigUint64Array(this.count);
    const words = new Uint32Array(packed.buffer);
    for (let run = 0; run < this.count; run++) {
      words[2 * run] = run;
      words[2 * run + 1] = this.starts[run];
    }
    packed.sort();
    const order = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) order[i] = words[2 * i];
    return this.#order = order;
  }

  /** Whether a number stands twice in the column. */
  hasDuplicates(): boolean {
    const order = this.sorted();
    for (let i = 1; i < order.length; i++) {
      const before = order[i - 1];
      if (this.starts[order[i]] < this.starts[before] + this.lengthOf(before)) return true;
    }
    return false;
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}

/**
 * Searches rising numbers.
 *
 * @param count How many numbers there are.
 * @param wanted What to look for.
 * @param numberAt The number at a position, 0 to `count` - 1.
 * @returns The last position whose number is at most `wanted`, or -1.
 */
export function lastAtMost(count: number, wanted: number, numberAt: (position: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
