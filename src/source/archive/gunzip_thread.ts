import { GunzipError } from "./gunzip.ts";
import type { FromGunzipWorker, ToGunzipWorker } from "./gunzip_worker.ts";
import { MessageQueue } from "./message_queue.ts";
import { Slots } from "./slots.ts";

/**
 * Does what `gunzip` does in a thread of its own, so that inflating and what follows overlap.
 *
 * @param compressed The data, in buffers of their own: they are given away.
 * @param onGarbage Told where something else than zeros begins after the last member.
 * @yields Inflated bytes, to be used before the next ones are asked for.
 * @throws {GunzipError} If the data are damaged or end too early; all before was yielded.
 */
export async function* gunzipInThread(
  compressed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onGarbage: (position: number) => void,
): AsyncGenerator<Uint8Array, void> {
  const slots = new Slots();
  const queue = new MessageQueue<FromGunzipWorker | { kind: "failed"; error: unknown }>();
  const pieces = compressed[Symbol.asyncIterator]();
  // `deno compile` embeds the worker by this very expression.
  const worker = new Worker(new URL("./gunzip_worker.ts", import.meta.url).href, { type: "module" });
  const tell = (message: ToGunzipWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  worker.onerror = (event) => {
    event.preventDefault();
    queue.push({ kind: "failed", error: new Error(`a worker ended: ${event.message}`) });
  };
  let feeding: Promise<void> = Promise.resolve();
  const feed = async () => {
    const { done, value } = await pieces.next();
    if (done) tell(null);
    else tell(value, [value.buffer]);
  };
  worker.onmessage = ({ data }: MessageEvent<FromGunzipWorker>) => {
    if (data.kind !== "wanted") return queue.push(data);
    feeding = feeding.then(feed).catch((error) => queue.push({ kind: "failed", error }));
  };
  tell(slots.buffer);
  try {
    for (;;) {
      const message = await queue.next();
      if (message.kind === "end") return;
      if (message.kind === "garbage") onGarbage(message.position);
      if (message.kind === "damaged") throw new GunzipError(message.message, message.position);
      if (message.kind === "failed") throw message.error;
      if (message.kind === "inflated") {
        yield slots.take(message.bytes);
        slots.release();
      }
    }
  } finally {
    slots.close();
    tell("close");
    await pieces.return?.();
  }
}
