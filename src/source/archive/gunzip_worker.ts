import { gunzip, GunzipError } from "./gunzip.ts";
import { MessageQueue } from "./message_queue.ts";
import { NobodyTakes, Slots } from "./slots.ts";

/**
 * What the worker is told: first where to put inflated bytes, then compressed ones; null is their end. "close": to end.
 */
export type ToGunzipWorker = SharedArrayBuffer | Uint8Array<ArrayBuffer> | null | "close";

/** What the worker tells: that it wants another piece, or what came of those before. */
export type FromGunzipWorker =
  | { kind: "wanted" }
  | { kind: "inflated"; bytes: number }
  | { kind: "garbage"; position: number }
  | { kind: "end" }
  | { kind: "damaged"; message: string; position: number };

/** Compressed pieces that are on their way to the worker at a time. */
const AHEAD = 4;

const queue = new MessageQueue<Uint8Array | null>();

/** What is used of a worker's scope. The types of `deno.worker` cannot be asked for: JSR takes no such directive. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToGunzipWorker>) => void;
  postMessage: (message: FromGunzipWorker) => void;
  close: () => void;
};

scope.onmessage = ({ data }) => {
  if (data === "close") scope.close();
  else if (data instanceof SharedArrayBuffer) inflateInto(new Slots(data));
  else queue.push(data);
};

async function* pieces(): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < AHEAD; i++) tell({ kind: "wanted" });
  for (let piece = await queue.next(); piece !== null; piece = await queue.next()) {
    tell({ kind: "wanted" });
    yield piece;
  }
}

async function inflateInto(slots: Slots): Promise<void> {
  try {
    for await (const bytes of gunzip(pieces(), (position) => tell({ kind: "garbage", position }))) {
      slots.put(bytes);
      tell({ kind: "inflated", bytes: bytes.length });
    }
    tell({ kind: "end" });
  } catch (error) {
    if (error instanceof NobodyTakes) return;
    if (!(error instanceof GunzipError)) throw error;
    tell({ kind: "damaged", message: error.message, position: error.position });
  }
}

function tell(message: FromGunzipWorker): void {
  scope.postMessage(message);
}
