import { addTraffic, noTraffic, type Traffic } from "../bytes/traffic.ts";
import type { FoundSource } from "../source/source.ts";
import type { Terminal } from "./terminal.ts";
import { byteSize, counted } from "./numbers.ts";

/**
 * Says what went over the network.
 *
 * @param traffic What.
 * @returns A line.
 */
export function trafficLine({ requests, bytes, waited }: Traffic): string {
  const asked = waited === 0
    ? ""
    : `; the server asked to wait for ${counted(Math.ceil(waited), "second")}, those of all jobs added up`;
  return `Over the network: ${counted(requests, "request")}, ${counted(bytes, "byte")} (${byteSize(bytes)})${asked}`;
}

/**
 * Says what went over the network in this thread.
 *
 * @param sources What was read; nothing is said where all of it is here.
 * @param terminal Where to say it.
 */
export function sayTraffic(sources: readonly FoundSource[], terminal: Terminal): void {
  const remote = sources.flatMap(({ traffic }) => traffic ?? []);
  if (remote.length === 0) return;
  const sum = noTraffic();
  for (const traffic of remote) addTraffic(sum, traffic);
  terminal.say(trafficLine(sum));
}
