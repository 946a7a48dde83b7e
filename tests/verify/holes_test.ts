/** Long damage: however many threads there are, what is found is the same, and no byte is read again and again. */
import { assert, assertEquals } from "@std/assert";
import { findDatasets } from "../../src/source/find.ts";
import { verify } from "../../src/verify/verify.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { encodeRecord } from "../write_dataset.ts";

const IMAGE = Uint8Array.from([0xff, 0xd8, 0xff, ...new Array(50).fill(7), 0xff, 0xd9]);

/** Writes a dataset with images, a hole of zeros after every tenth, and images again. */
function writeWithHoles(folder: string, holes: readonly number[]): void {
  using file = Deno.openSync(`${folder}/train.rec`, { create: true, write: true });
  let offset = 0;
  let index = "";
  for (let key = 1; key <= 10 * (holes.length + 1); key++) {
    const record = encodeRecord({ key, label: key, image: IMAGE });
    file.seekSync(offset, Deno.SeekMode.Start);
    file.writeSync(record);
    index += `${key}\t${offset}\n`;
    offset += record.length + (key % 10 === 0 ? holes[key / 10 - 1] ?? 0 : 0);
  }
  Deno.writeTextFileSync(`${folder}/train.idx`, index);
}

/** What verifying finds, and how many bytes this process read meanwhile; the latter on Linux only. */
async function verifyCounting(folder: string, options: { jobs: number; chunkBytes: number; engine?: "wasm" | "ts" }) {
  const before = bytesRead();
  const report = await verify(await findDatasets([folder]), {
    ...{ engine: "wasm", tree: undefined, decode: false, relabel: false, checksums: false, ...options },
    signal: new AbortController().signal,
    onProgress() {},
  });
  return { report, read: bytesRead() - before };
}

function bytesRead(): number {
  if (Deno.build.os !== "linux") return 0;
  return Number(/^rchar: (\d+)$/m.exec(Deno.readTextFileSync("/proc/self/io"))![1]);
}

Deno.test("verify: holes of any length are each one damaged place, with any engine, any number of jobs and any chunk", async () => {
  using folder = temporaryFolder();
  const holes = [4, 1196, 1200, 1204, 2400, 40_000, 8];
  writeWithHoles(folder.path, holes);
  const found: unknown[] = [];
  for (const engine of ["wasm", "ts"] as const) {
    for (const jobs of [1, 2, 5]) {
      for (const chunkBytes of [300, 4096, 2 ** 23]) {
        const { report } = await verifyCounting(folder.path, { jobs, chunkBytes, engine });
        const { findings, records, damagedBytes } = report!.datasets[0];
        // Where the next magic word is said to be depends on how far the file was read.
        const damage = findings.damage!.first.map(({ byte, key, detail }) => [byte, key, detail!.split(",")[0]]);
        found.push({ kinds: Object.keys(findings), count: findings.damage!.count, damage, records, damagedBytes });
      }
    }
  }
  const { count, records, damagedBytes } = found[0] as { count: number; records: number; damagedBytes: number };
  assertEquals([count, records, damagedBytes], [7, 80, holes.reduce((a, b) => a + b)]);
  for (const other of found) assertEquals(other, found[0]);
});

Deno.test({
  name: "verify: a hole of zeros is read once, with any number of jobs",
  // Elsewhere nobody tells how many bytes were read.
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = temporaryFolder();
    const hole = 2 ** 27;
    writeWithHoles(folder.path, [hole]);
    for (const jobs of [1, 2, 5]) {
      const { report, read } = await verifyCounting(folder.path, { jobs, chunkBytes: 2 ** 20 });
      const [{ findings, bytes, damagedBytes }] = report!.datasets;
      assertEquals([findings.damage!.count, damagedBytes], [1, hole]);
      // Threads load their code, and read a little over the ends of what they were given.
      assert(read > bytes && read < 1.2 * bytes, `${read} bytes were read of ${bytes}, with ${jobs} jobs`);
    }
  },
});
