import type { DecodeSetup } from "../decode/decode_work.ts";
import type { MergeSetup } from "../decode/merge_work.ts";
import type { VerifySetup } from "../verify/verify_work.ts";
import type { Work } from "./work.ts";

/** The kinds of work that a worker can do. Each is loaded when it is asked for. */
export const WORKS = {
  decode: async (setup: DecodeSetup) => await (await import("../decode/decode_work.ts")).startDecodeWork(setup),
  merge: async (setup: MergeSetup) => await (await import("../decode/merge_work.ts")).startMergeWork(setup),
  verify: async (setup: VerifySetup) => await (await import("../verify/verify_work.ts")).startVerifyWork(setup),
};

/** The name of a kind of work. */
export type WorkName = keyof typeof WORKS;

/** What a kind of work is made from: plain data. */
export type SetupOf<Name extends WorkName> = Parameters<typeof WORKS[Name]>[0];

type WorkOf<Name extends WorkName> = Awaited<ReturnType<typeof WORKS[Name]>>;

/** A task of a kind of work: plain data. */
export type TaskOf<Name extends WorkName> = WorkOf<Name> extends Work<infer Task, unknown> ? Task : never;

/** What comes of a task of a kind of work: plain data. */
export type OutcomeOf<Name extends WorkName> = WorkOf<Name> extends Work<never, infer Outcome> ? Outcome : never;
