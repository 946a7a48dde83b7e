import type { Engine, EngineName } from "../recordio/types.ts";

/**
 * Loads an engine; only the one asked for, so that `ts` runs where WebAssembly SIMD does not.
 *
 * @param name Which one.
 * @returns Its scanners.
 */
export async function loadEngine(name: EngineName): Promise<Engine> {
  if (name === "ts") return (await import("../recordio/ts_engine.ts")).tsEngine;
  return (await import("./wasm_engine.ts")).wasmEngine;
}
