import type { IndexWriter } from "../recordio/index_writer.ts";
import { RecordView } from "../recordio/record_view.ts";
import { type RecordScanner, ROW, ROW_WORDS } from "../recordio/types.ts";
import { RangeRecords } from "./range_records.ts";
import { headerOf } from "./record_header.ts";
import { Runs } from "./runs.ts";
import type { Damage, WalkVisitor } from "./walk.ts";

/**
 * Where the keys of a rebuilt index come from: the ids in the headers; or record 0 and the identity records, which the ids
 * do not fit; or they are running numbers, and then why the ids do not serve.
 */
export type KeySource = "ids" | "layout" | "ids-repeat" | "ids-too-large";

/** What is wrong with the keys of a rebuilt index: nothing tells them, or no record has the key 0, which must be there. */
export type KeyProblem = "unknown" | "no-record-0";

/** The keys of a rebuilt index. */
interface ToldKeys {
  source: KeySource;
  /** In the order of the file. */
  keys: Runs;
  problem: KeyProblem | undefined;
}

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
  /** Whether the ids can be keys, as far as the records tell that came. */
  #idsAre: "ids" | "ids-repeat" | "ids-too-large" = "ids";
  readonly #ranges = new RangeRecords();
  readonly #view = new RecordView();
  #told: ToldKeys | undefined;
  readonly #mostDamages: number;

  /** @param mostDamages How many damages to remember. */
  constructor(mostDamages: number) {
    this.#mostDamages = mostDamages;
  }

  /** How many records there are. */
  get rows(): number {
    return this.#blocks.length * BLOCK - (BLOCK - this.#filled);
  }

  records(scanner: RecordScanner, count: number, chunkOffset: number): void {
    const { table } = scanner;
    const end = count * ROW_WORDS;
    for (let row = 0; row < end; row += ROW_WORDS) {
      if (this.#filled === BLOCK) {
        this.#blocks.push(new Float64Array(BLOCK));
        this.#filled = 0;
      }
      this.#blocks[this.#blocks.length - 1][this.#filled++] = chunkOffset + table[row + ROW.FRAME];
      if (table[row + ROW.PARTS] > 1) this.multiPartRecords++;
      const id = table[row + ROW.ID];
      if (table[row + ROW.LENGTH] === 0 && table[row + ROW.FLAG] === 2) {
        this.#ranges.add(this.rows - 1, id, headerOf(this.#view.at(scanner, row, 0, 0, undefined)).range);
      }
      if (this.#idsAre !== "ids") continue;
      // A writer that does not number records puts the same id into all of them.
      if (table[row + ROW.ID + 1] !== 0) this.#idsAre = "ids-too-large";
      else if (id === this.#lastId) this.#idsAre = "ids-repeat";
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
  get keySource(): KeySource {
    return this.#tell().source;
  }

  /** What is wrong with the keys; to be asked when all records are there. */
  get keyProblem(): KeyProblem | undefined {
    return this.#tell().problem;
  }

  /**
   * Writes the lines, in the order of the file.
   *
   * @param text Takes them.
   */
  write(text: IndexWriter): void {
    const offsetOf = (row: number) => this.#blocks[Math.floor(row / BLOCK)][row % BLOCK];
    const { keys } = this.#tell();
    const { starts, positions, count } = keys;
    for (let run = 0; run < count; run++) {
      const length = keys.lengthOf(run);
      for (let i = 0; i < length; i++) text.append(starts[run] + i, offsetOf(positions[run] + i));
    }
    text.flush();
  }

  #tell(): ToldKeys {
    return this.#told ??= this.#tellKeys();
  }

  #tellKeys(): ToldKeys {
    const { rows } = this;
    const ranges = this.#ranges;
    if (this.#idsAre === "ids" && this.#ids.hasDuplicates()) this.#idsAre = "ids-repeat";
    const hasIds = this.#idsAre === "ids";
    const ids: ToldKeys = { source: "ids", keys: this.#ids, problem: undefined };
    const isIdentityLayout = ranges.isIdentityLayout(rows);
    if (hasIds && (!isIdentityLayout || ranges.haveKeysAsIds)) return ids;
    const keys = isIdentityLayout ? ranges.keys(rows) : undefined;
    if (keys !== undefined) return { source: "layout", keys, problem: undefined };
    if (hasIds) return ranges.hasRecord0 ? ids : { ...ids, problem: "no-record-0" };
    const running = new Runs();
    running.append(0, rows);
    return { source: this.#idsAre, keys: running, problem: isIdentityLayout ? "unknown" : undefined };
  }
}
