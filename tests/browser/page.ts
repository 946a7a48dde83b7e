/** What the browser test runs in its page: the core, with bytes that come over HTTP or out of a Blob. */
import type { ByteSource } from "../../src/bytes/reading.ts";
import { readDataset } from "../../src/dataset/dataset.ts";
import { UnrecError } from "../../src/errors.ts";
import { loadEngine } from "../../src/wasm/load_engine.ts";
import type { PageAnswer, PageQuestion } from "./question.ts";

/** A file on a server, read by ranges. */
class RangeSource implements ByteSource {
  readonly name: string;
  readonly size: number;

  constructor(url: string, size: number) {
    this.name = url;
    this.size = size;
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    const end = Math.min(this.size, offset + into.length);
    if (offset >= end) return 0;
    const answer = await fetch(this.name, { headers: { Range: `bytes=${offset}-${end - 1}` } });
    if (answer.status !== 206) throw new UnrecError(`Cannot read ${this.name}: status ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    into.set(bytes);
    return bytes.length;
  }

  [Symbol.dispose](): void {}
}

/** A file that a person chose, of which no more than a few bytes come at once. */
class BlobSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #blob: Blob;
  readonly #mostAtOnce: number;

  constructor(name: string, blob: Blob, mostAtOnce: number) {
    this.name = name;
    this.size = blob.size;
    this.#blob = blob;
    this.#mostAtOnce = mostAtOnce;
  }

  async read(offset: number, into: Uint8Array<ArrayBuffer>): Promise<number> {
    const piece = this.#blob.slice(offset, offset + Math.min(into.length, this.#mostAtOnce));
    const bytes = new Uint8Array(await piece.arrayBuffer());
    into.set(bytes);
    return bytes.length;
  }

  [Symbol.dispose](): void {}
}

async function openSource(url: string, from: PageQuestion["from"], mostAtOnce: number): Promise<ByteSource> {
  if (from === "blob") return new BlobSource(url, await (await fetch(url)).blob(), mostAtOnce);
  const head = await fetch(url, { method: "HEAD" });
  return new RangeSource(url, Number(head.headers.get("Content-Length")));
}

/** Answers questions, one after the other. */
export async function answerAll(questions: PageQuestion[]): Promise<PageAnswer[]> {
  const answers: PageAnswer[] = [];
  for (const question of questions) answers.push(await answer(question));
  return answers;
}

async function answer({ dataset: name, engine, from, chunkBytes, mostAtOnce }: PageQuestion): Promise<PageAnswer> {
  using records = await openSource(`/data/${name}/train.rec`, from, mostAtOnce);
  using index = await openSource(`/data/${name}/train.idx`, from, mostAtOnce);
  using dataset = await readDataset({ records, index }, { engine: await loadEngine(engine), chunkBytes });
  const images: PageAnswer["images"] = [];
  for await (const { key, number, label, labels, id, bytes } of dataset.images()) {
    images.push({ key, number, label, labels: [...labels], id: `${id}`, sha256: await sha256(bytes) });
  }
  const { key } = images[images.length >> 1];
  const again = await dataset.get(key);
  return { layout: dataset.facts.layout.kind, images, got: { key, sha256: await sha256(again!.bytes) } };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
