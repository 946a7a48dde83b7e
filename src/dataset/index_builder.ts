import type { IndexWriter } from "../recordio/index_writer.ts";
import { type RecordScanner, ROW, ROW_WORDS } from "../recordio/types.ts";
import { Runs } from "./runs.ts";
import type { Damage, WalkVisitor } from "./walk.ts";

/** Where the keys of a rebuilt index come from: the ids in the headers, or else why these do not serve. */
export type KeySource = "ids" | "ids-repeat" | "ids-too-large";

const BLOCK = 2 ** 16;

/** Gathers what an index is made of: 8 bytes a record, and 8 bytes a run of consecutive ids. */
export class IndexBuilder implements WalkVisitor {
  /** Records stored in several parts. */
  multiPartRecords = 0;
  /** How many times something was no record. */
  damages = 0;
  /** Bytes that belong to no record. */
  damagedBytes = 0;
  /** The first few. */
  readonly firstDamages: Damage[] = [];
  readonly #blocks: Float64Array[] = [];
  #filled = BLOCK;
  readonly #ids = new Runs();
  #lastId = -1;
  #keys: KeySource = "ids";
  readonly #mostDamages: number;

  /** @param mostDamages How many damages to remember. */
  constructor(mostDamages: number) {
    this.#mostDamages = mostDamages;
  }

  /** How many records there are. */
  get rows(): number {
    return this.#blocks.length * BLOCK - (BLOCK - this.#filled);
  }

  records({ table }: RecordScanner, count: number, chunkOffset: number): void {
    const end = count * ROW_WORDS;
    for (let row = 0; row < end; row += ROW_WORDS) {
      if (this.#filled === BLOCK) {
        this.#blocks.push(new Float64Array(BLOCK));
        this.#filled = 0;
      }
      this.#blocks[this.#blocks.length - 1][this.#filled++] = chunkOffset + table[row + ROW.FRAME];
      if (table[row + ROW.PARTS] > 1) this.multiPartRecords++;
      if (this.#keys !== "ids") continue;
      const id = table[row + ROW.ID];
      // A writer that does not number records puts the same id into all of them.
      if (table[row + ROW.ID + 1] !== 0) this.#keys = "ids-too-large";
      else if (id === this.#lastId) this.#keys = "ids-repeat";
      this.#lastId = id;
      this.#ids.append(id, 1);
    }
  }

  damaged(damage: Damage): void {
    this.damages++;
    this.damagedBytes += damage.end - damage.start;
    if (this.firstDamages.length < this.#mostDamages) this.firstDamages.push(damage);
  }

  /** Where the keys come from; to be asked when all records are there. */
  keySource(): KeySource {
    if (this.#keys === "ids" && this.#ids.hasDuplicates()) this.#keys = "ids-repeat";
    return this.#keys;
  }

  /**
   * Writes the lines, in the order of the file.
   *
   * @param text Takes them.
   */
  write(text: IndexWriter): void {
    const rows = this.rows;
    const offsetOf = (row: number) => this.#blocks[Math.floor(row / BLOCK)][row % BLOCK];
    if (this.keySource() === "ids") {
      const { starts, positions, count } = this.#ids;
      for (let run = 0; run < count; run++) {
        const length = this.#ids.lengthOf(run);
        for (let i = 0; i < length; i++) text.append(starts[run] + i, offsetOf(positions[run] + i));
      }
    } else {
      for (let row = 0; row < rows; row++) text.append(row, offsetOf(row));
    }
    text.flush();
  }
}
