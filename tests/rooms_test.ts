/** How the modules of `src/` hang together: in one direction, without circles, the core without a platform. */
import { assertEquals } from "@std/assert";
import { findCircle, loadedWith, modulesOfSource, readModule } from "./modules.ts";

/** The folders, and three files that are rooms of their own; each imports only from itself and from those named. */
const ROOMS: Record<string, string[]> = {
  "errors.ts": [],
  "load_from_npm.ts": ["errors.ts"],
  "recordio": [],
  "wasm": ["recordio"],
  "bytes/reading.ts": [],
  "pickle": ["errors.ts"],
  "dataset": ["errors.ts", "recordio", "bytes/reading.ts"],
  "info": ["errors.ts", "recordio", "bytes/reading.ts", "dataset"],
  "bytes": ["errors.ts", "bytes/reading.ts"],
  "sink": ["errors.ts", "load_from_npm.ts", "recordio", "pickle", "dataset"],
  "source": [
    "errors.ts",
    "load_from_npm.ts",
    "recordio",
    "wasm",
    "pickle",
    "dataset",
    "bytes/reading.ts",
    "bytes",
    "pool",
  ],
  // The table of what threads do names every command's work.
  "pool": ["errors.ts", "decode", "verify"],
  "decode": ["errors.ts", "recordio", "wasm", "dataset", "bytes/reading.ts", "bytes", "sink", "source", "pool"],
  "verify": [
    "errors.ts",
    "load_from_npm.ts",
    "recordio",
    "wasm",
    "dataset",
    "bytes/reading.ts",
    "bytes",
    "sink",
    "source",
    "pool",
  ],
};

/** What runs in Deno, in a worker and in a page of a browser. */
const PLATFORM_FREE = ["errors.ts", "recordio", "wasm", "bytes/reading.ts", "pickle", "dataset", "info"];

const MODULES = modulesOfSource();

function roomOf(path: string): string {
  return path in ROOMS ? path : path.split("/")[0];
}

Deno.test("no module of src/ imports itself in a circle, not even for a type", () => {
  assertEquals(findCircle(MODULES), undefined);
});

Deno.test("what a module imports lies in its own room or to the right of it", () => {
  const wrong: string[] = [];
  for (const [path, { imports }] of MODULES) {
    const allowed = ROOMS[roomOf(path)];
    if (allowed === undefined) continue;
    for (const next of imports) {
      if (!/\.(ts|wasm)$/.test(next)) continue;
      if (roomOf(next) !== roomOf(path) && !allowed.includes(roomOf(next))) wrong.push(`${path} imports ${next}`);
    }
  }
  assertEquals(wrong, []);
  assertEquals(Object.keys(ROOMS).filter((room) => ![...MODULES.keys()].some((path) => roomOf(path) === room)), []);
});

Deno.test("the core names nothing of a platform and imports no package", () => {
  const wrong: string[] = [];
  for (const [path, { code, imports }] of MODULES) {
    if (!PLATFORM_FREE.includes(roomOf(path))) continue;
    for (const name of imports) if (!/\.(ts|wasm)$/.test(name)) wrong.push(`${path} imports ${name}`);
    for (const [word] of code.matchAll(/\bDeno\b|\bnode:|\bprocess\.|\bBuffer\b/g)) wrong.push(`${path} has ${word}`);
  }
  assertEquals(wrong, []);
});

/** What a thread of a pool loads to decode a dataset. */
const IN_THREADS = [
  "pool/worker.ts",
  "decode/decode_work.ts",
  "wasm/wasm_engine.ts",
  "source/dataset_reader.ts",
  "sink/folder_sink.ts",
  "sink/shard_sink.ts",
  "sink/webdataset_shard.ts",
  "sink/tar_tree_writer.ts",
  "sink/rec_piece_writer.ts",
  "sink/spill_sink.ts",
];

Deno.test("what each thread loads is all our own: a module of Node's takes 2 to 4 MB in every one of them", () => {
  const loaded = loadedWith(MODULES, IN_THREADS);
  assertEquals([...loaded].filter((name) => !MODULES.has(name) && !name.endsWith(".wasm")), []);
  assertEquals(loaded.has("bytes/stretches.ts"), true);
});

Deno.test("readModule: every form of import is seen, and none in a comment", () => {
  const { code, imports, loads } = readModule(
    "dataset/a.ts",
    `
/** import { no } from "./no.ts"; */
import "../errors.ts";
import type { One } from "./one.ts"; // from "./no.ts"
import {
  two,
} from "../recordio/two.ts";
export * from "node:path";
export { three } from "./three.ts";
const url = "https://example.org"; const four = await import("./four.ts");
type Five = import("./five.ts").Five;
`,
  );
  assertEquals(imports, [
    ...["errors.ts", "dataset/one.ts", "recordio/two.ts", "node:path", "dataset/three.ts", "dataset/four.ts"],
    "dataset/five.ts",
  ]);
  assertEquals(loads, ["errors.ts", "recordio/two.ts", "node:path", "dataset/three.ts"]);
  assertEquals(code.includes("https://example.org"), true);
  assertEquals(code.includes("no.ts"), false);
});

Deno.test("findCircle: finds one, wherever it begins", () => {
  const graph = (edges: Record<string, string[]>) =>
    new Map(Object.entries(edges).map(([path, imports]) => [path, { code: "", imports, loads: imports }]));
  assertEquals(findCircle(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: ["npm:x"] })), undefined);
  assertEquals(findCircle(graph({ a: ["b"], b: ["c"], c: ["d", "b"], d: [] })), ["b", "c", "b"]);
  assertEquals(findCircle(graph({ a: ["a"] })), ["a", "a"]);
});
