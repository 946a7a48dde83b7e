import { type Damage, describeDamage } from "../dataset/walk.ts";
import { addFinding, type Findings } from "./findings.ts";
import type { VerifyOutcome, VerifyTask } from "./verify_work.ts";

/**
 * Joins what was found in the stretches of a file, from front to back: a record may reach over the end of one, and so
 * may damage. A stretch whose first record is not known yet is searched for it, so threads need not wait for each other,
 * and no search leaves its stretch: however long damage is, each byte of it is looked at once.
 */
export class StretchJoin {
  readonly #findings: Findings;
  /** Where the next stretch's first record begins, or should. */
  #first = 0;
  /** What the stretches so far end in, if it is damage: then nobody knows where the next record begins. */
  #damage: Damage | undefined;

  /** @param findings Takes damage that reaches over the end of a stretch. */
  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Where the next stretch's first record begins, or should; undefined if it has to be searched for. */
  get first(): number | undefined {
    return this.#damage === undefined ? this.#first : undefined;
  }

  /**
   * Whether a stretch was looked at from its first record on. A search that began in a record may have found another
   * one, so what is found would depend on the number of threads.
   *
   * @param outcome What was found in the next stretch.
   */
  fits(outcome: VerifyOutcome): boolean {
    return this.#damage !== undefined || outcome.first === this.#first;
  }

  /**
   * Takes what was found in the next stretch, but for its other findings, which come after this.
   *
   * @param task The stretch.
   * @param outcome What was found in it; it {@linkcode fits}.
   * @returns How many bytes at its beginning belong to damage that began before it.
   */
  take({ start, end }: VerifyTask, { first, next, damage }: VerifyOutcome): number {
    let before = 0;
    if (this.#damage !== undefined) {
      this.#damage.end = first;
      before = first - start;
      if (first < end) this.end();
    }
    if (damage !== undefined) this.#damage = { ...damage };
    this.#first = next;
    return before;
  }

  /** Ends damage where a record or nothing follows it. */
  end(): void {
    if (this.#damage === undefined) return;
    addFinding(this.#findings, "damage", [{ byte: this.#damage.start, detail: describeDamage(this.#damage) }]);
    this.#damage = undefined;
  }
}
