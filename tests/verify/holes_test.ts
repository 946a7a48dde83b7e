/** Long damage: however many threads there are, what is found is the same, and no byte is read again and again. */
import { assert, assertEquals } from "@std/assert";
import { findDatasets } from "../../src/source/find.ts";
import { verify } from "../../src/verify/verify.ts";
import { testUnless } from "../needs.ts";
import { PROJECT, RUN } from "../run_unrec.ts";
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

Deno.test("verify: holes of any length are each one damaged place, with any engine, any number of jobs and any chunk", async () => {
  using folder = temporaryFolder();
  const holes = [4, 1196, 1200, 1204, 2400, 40_000, 8];
  writeWithHoles(folder.path, holes);
  const found: unknown[] = [];
  for (const engine of ["wasm", "ts"] as const) {
    for (const jobs of [1, 2, 5]) {
      for (const chunkBytes of [300, 4096, 2 ** 23]) {
        const report = await verify(await findDatasets([folder.path]), {
          ...{ engine, jobs, chunkBytes, tree: undefined, decode: false, relabel: false, checksums: false },
          signal: new AbortController().signal,
          onProgress() {},
        });
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

/** Elsewhere nobody tells how many bytes a process has read. */
const WHY_NOT_COUNTED = Deno.build.os === "linux" ? undefined : "only Linux counts what is read";

testUnless(WHY_NOT_COUNTED, "verify: a hole of zeros is read once, with any number of jobs", async () => {
  using folder = temporaryFolder();
  const hole = 2 ** 27;
  writeWithHoles(folder.path, [hole]);
  const { size } = Deno.statSync(`${folder.path}/train.rec`);
  for (const jobs of [1, 2, 5]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...[...RUN.slice(0, -1), `${PROJECT}tests/bytes_read.ts`, "verify", `--include=${folder.path}`, "--json"],
        ...[`--jobs=${jobs}`, "--chunk-size=1M"],
      ],
    }).output();
    const [json, read] = new TextDecoder().decode(stdout).split("\n");
    const [{ findings, damagedBytes }] = JSON.parse(json).datasets;
    assertEquals([findings.damage.count, damagedBytes], [1, hole]);
    // The program loads its code, and threads read a little over the ends of what they were given.
    assert(Number(read) > size && Number(read) < 1.3 * size, `${read} bytes were read of ${size}, with ${jobs} jobs`);
  }
});
