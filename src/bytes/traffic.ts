/** What went over a network. Plain data. */
export interface Traffic {
  /** Requests sent, those that were redirected or tried again included. */
  requests: number;
  /** Bytes of files that came. */
  bytes: number;
  /** Seconds that were waited because a server asked for it, those of all jobs added up. */
  waited: number;
}

/** Nothing so far. */
export function noTraffic(): Traffic {
  return { requests: 0, bytes: 0, waited: 0 };
}

/**
 * What came since.
 *
 * @param now What there is by now.
 * @param before What there was.
 */
export function trafficSince(now: Traffic, before: Traffic): Traffic {
  return {
    requests: now.requests - before.requests,
    bytes: now.bytes - before.bytes,
    waited: now.waited - before.waited,
  };
}

/**
 * Adds up traffic.
 *
 * @param sum What is added to.
 * @param more What is added.
 */
export function addTraffic(sum: Traffic, { requests, bytes, waited }: Traffic): void {
  sum.requests += requests;
  sum.bytes += bytes;
  sum.waited += waited;
}
