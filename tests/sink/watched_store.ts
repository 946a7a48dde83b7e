import type { SinkStore } from "../../src/sink/sink.ts";

/**
 * A store that does what another one does, except for a few things.
 *
 * @param store The other one.
 * @param instead What is done in another way.
 */
export function watchedStore(store: SinkStore, instead: Partial<SinkStore>): SinkStore {
  return {
    format: store.format,
    output: store.output,
    spec: store.spec,
    form: store.form,
    asks: store.asks,
    tellsNumbers: store.tellsNumbers,
    cut: store.cut,
    inSequence: store.inSequence,
    keepsParts: store.keepsParts,
    open: (written) => store.open(written),
    check: (sources) => store.check(sources),
    requirePlace: () => store.requirePlace?.(),
    prepare: () => store.prepare(),
    entries: () => store.entries(),
    holds: (labels, receipts) => store.holds(labels, receipts),
    clear: (from, options) => store.clear(from, options),
    space: (left, blockBytes) => store.space(left, blockBytes),
    conclude: (receipts, labels) => store.conclude?.(receipts, labels),
    ...instead,
  };
}
