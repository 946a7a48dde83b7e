import { assert, assertEquals } from "@std/assert";
import { memory } from "../../src/wasm/decoder.wasm";
import { wasmEngine } from "../../src/wasm/wasm_engine.ts";

Deno.test("linear memory: what one scanner gives back the next one takes", () => {
  wasmEngine.createRecordScanner(2 ** 20).close();
  const bytes = memory.buffer.byteLength;
  for (let i = 0; i < 50; i++) {
    const [first, second] = [wasmEngine.createRecordScanner(2 ** 18), wasmEngine.createIndexScanner(2 ** 16)];
    // In both orders: the last region shrinks the heap, another one goes to the list of free ones.
    for (const scanner of i % 2 ? [first, second] : [second, first]) scanner.close();
  }
  assert(memory.buffer.byteLength - bytes < 2 ** 22);
});

Deno.test("reserve: the bytes stay, also when another scanner lies after it, and views are fetched anew", () => {
  const first = wasmEngine.createRecordScanner(1000);
  const second = wasmEngine.createRecordScanner(1000);
  const pattern = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  for (const scanner of [first, second]) scanner.chunk.set(pattern);
  const old = second.chunk;
  first.reserve(10_000_000);
  second.reserve(20_000_000);
  assertEquals([first.chunk.length, second.chunk.length, old.length], [10_000_000, 20_000_000, 0]);
  for (const scanner of [first, second]) assertEquals(scanner.chunk.slice(0, 1000), pattern);
  first.reserve(5);
  assertEquals(first.chunk.length, 10_000_000);
  second.close();
  first.close();
});
