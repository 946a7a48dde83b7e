import type { Traffic } from "../bytes/traffic.ts";
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
