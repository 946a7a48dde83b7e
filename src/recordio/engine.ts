import type { Engine, EngineName } from "./types.ts";

/**
 * Loads an engine; only the one asked for, so that `ts` runs where WebAssembly SIMD does not.
 *
 * @param name Which one.
 * @returns Its scanners.
 */
export async function loadEngine(name: EngineName): Promise<Engine> {
  if (name === "ts") return (await import("./ts_engine.ts")).tsEngine;
  return (await import("../wasm/wasm_engine.ts")).wasmEngine;
}
