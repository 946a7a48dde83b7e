import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { DatasetPlace } from "../../src/source/dataset_source.ts";
import { rebuildIndex } from "../../src/source/rebuild_index.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { encodeRecord, faces, writeDataset } from "../write_dataset.ts";

Deno.test("rebuildIndex: the index that was there, and what is known of the records", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 5, images: 60, bytes: [10, 300], record0: "last" }));
  const place = new DatasetPlace(`${folder.path}/train.rec`);
  const index = Deno.readTextFileSync(place.index);
  const size = Deno.statSync(place.path).size;
  for (const options of [{}, { engine: "ts", chunkBytes: 100 }] as const) {
    Deno.removeSync(place.index);
    assertEquals(await rebuildIndex(place, options), {
      unchanged: false,
      backup: undefined,
      path: place.path,
      bytes: size,
      index: place.index,
      records: 66,
      multiPartRecords: 0,
      keys: "ids",
      lacksRecord0: false,
      damages: 0,
      damagedBytes: 0,
      firstDamages: [],
    });
    assertEquals(Deno.readTextFileSync(place.index), index);
  }
  assertEquals((await rebuildIndex(place))?.unchanged, true);
});

Deno.test("rebuildIndex: running numbers where ids repeat", async () => {
  using folder = temporaryFolder();
  const place = new DatasetPlace(`${folder.path}/train.rec`);
  const image = new Uint8Array(8);
  const sizes = [3, 3, 7].map((key) => encodeRecord({ key, label: 1, image }).length);
  writeDataset(folder.path, [3, 3, 7].map((key) => ({ key, label: 1, image })));
  assertEquals((await rebuildIndex(place))?.keys, "ids-repeat");
  assertEquals(Deno.readTextFileSync(place.index), `0\t0\n1\t${sizes[0]}\n2\t${sizes[0] + sizes[1]}\n`);
  assert(Deno.readTextFileSync(`${place.index}.bak`).startsWith("3\t0\n"));
});

Deno.test("rebuildIndex: records that change while they are read are not trusted, and the index stays", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, faces({ identities: 2, images: 9, bytes: [10, 30], record0: "first" }));
  let looks = 0;
  /** Says that the file has changed when it is looked at once more. */
  class Changing extends DatasetPlace {
    override facts() {
      const [records, ...others] = super.facts();
      return [{ ...records, time: `${records.time} ${looks++}` }, ...others];
    }
  }
  const place = new Changing(`${folder.path}/train.rec`);
  Deno.writeTextFileSync(place.index, "mine\n");
  await assertRejects(() => rebuildIndex(place), UnrecError, `Cannot trust what was read of ${place.path}`);
  assertEquals(Deno.readTextFileSync(place.index), "mine\n");
});

Deno.test("rebuildIndex: damage ends it and changes nothing, or is left out", async () => {
  using folder = temporaryFolder();
  const place = new DatasetPlace(`${folder.path}/train.rec`);
  const image = new Uint8Array(40);
  writeDataset(folder.path, [1, 2, 3, 4].map((key) => ({ key, label: key, image })));
  const bytes = Deno.readFileSync(place.path);
  const size = bytes.length / 4;
  bytes[2 * size] ^= 1;
  Deno.writeFileSync(place.path, bytes);
  const index = Deno.readTextFileSync(place.index);
  const error = await assertRejects(
    () => rebuildIndex(place),
    UnrecError,
    `Cannot index ${place.path}: at byte ${2 * size} of ${4 * size}, after 2 whole records: no frame begins there`,
  );
  assertEquals(error.remedies, [
    { kind: "download-again", path: place.path },
    { kind: "rebuild-index", path: place.path, skip: true },
  ]);
  assertEquals(Deno.readTextFileSync(place.index), index);
  const report = await rebuildIndex(place, { skipDamage: true });
  assertEquals([report?.records, report?.damages, report?.damagedBytes], [3, 1, size]);
  assertEquals(report?.firstDamages.map(({ start, end }) => [start, end]), [[2 * size, 3 * size]]);
  assertEquals(Deno.readTextFileSync(place.index), `1\t0\n2\t${size}\n4\t${3 * size}\n`);
  Deno.writeFileSync(place.path, new Uint8Array(100).fill(1));
  await assertRejects(() => rebuildIndex(place, { skipDamage: true }), UnrecError, "no whole record in its 100 bytes");
});
