import { MOST_SHARES, type Share, shareName } from "../dataset/share.ts";
import type { Option } from "./option.ts";
import { type GivenShare, scheduledShare } from "./scheduler.ts";
import { UsageError } from "./usage_error.ts";

/** What `--shard` gives: a share, or that the scheduler says which; `count` if the command line says how many. */
export type ShardGiven = Share | { auto: true; count?: number };

/** `--shard`: one of several shares of the work. */
export const shard: Option<ShardGiven | undefined> = {
  value: "I/N",
  help: "write only share I of N, counted from 0; auto takes both from the scheduler; see unrec help cluster",
  more:
    "write only share `I` of `N`, counted from 0: all shares together write what one run does, each on a machine of " +
    "its own. `auto` takes both from the scheduler, `auto/N` only `I`. `unrec help cluster` says more",
  default: undefined,
  parse([text], flag) {
    const [, first, count] = /^(auto|\d{1,9})(?:\/(\d{1,9}))?$/.exec(text) ?? [];
    const advice = `${flag}=${text}: give I/N, where I counts from 0 to N - 1, or auto, or auto/N`;
    if (first === undefined || first !== "auto" && count === undefined) throw new UsageError(advice);
    if (count !== undefined && (Number(count) === 0 || Number(count) > MOST_SHARES)) {
      throw new UsageError(`${flag}=${text}: N goes from 1 to ${MOST_SHARES}`);
    }
    if (first === "auto") return { auto: true, ...count === undefined ? {} : { count: Number(count) } };
    if (Number(first) >= Number(count)) throw new UsageError(advice);
    return { index: Number(first), count: Number(count) };
  },
};

/**
 * The share that a command line asks for.
 *
 * @param given What `--shard` gives; undefined for all of the work.
 * @param say Told where it was taken from, if a scheduler says which it is.
 * @throws {UsageError} If none says so.
 */
export function shareOf(given: ShardGiven | undefined, say: (message: string) => void): Share | undefined {
  if (given === undefined || !("auto" in given)) return given;
  if (Deno.permissions.querySync({ name: "env" }).state !== "granted") {
    throw new UsageError(
      "--shard=auto: what the scheduler says may not be read; run it with deno run -A, or with --allow-env",
    );
  }
  const { share, by }: GivenShare = scheduledShare((name) => Deno.env.get(name), given.count);
  say(`Share ${shareName(share)}, as ${by} says`);
  return share;
}
