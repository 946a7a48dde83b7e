/**
 * Ends when a signal is aborted, also while the next piece is waited for.
 *
 * @param pieces Pieces.
 * @param signal The signal, if there is one.
 * @yields The pieces; whether all came, the signal tells.
 */
export async function* untilAborted<Piece>(
  pieces: AsyncGenerator<Piece, void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece, void> {
  // Not Promise.race with one promise for all: that would keep every piece until the signal comes.
  let stopWaiting = () => {};
  const onAbort = () => stopWaiting();
  signal?.addEventListener("abort", onAbort);
  try {
    while (!signal?.aborted) {
      const next = await new Promise<IteratorResult<Piece, void> | undefined>((resolve, reject) => {
        stopWaiting = () => resolve(undefined);
        pieces.next().then(resolve, reject);
      });
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not waited for: a read of the standard input may never end.
    if (signal?.aborted) pieces.return();
    else await pieces.return();
  }
}
