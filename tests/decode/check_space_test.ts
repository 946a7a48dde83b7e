import { assert, assertEquals } from "@std/assert";
import { openDataset } from "../../src/dataset/dataset.ts";
import { spaceNeeded } from "../../src/decode/check_space.ts";
import { decode } from "../../src/decode/decode.ts";
import { fingerprintOf } from "../../src/decode/fingerprint.ts";
import { Journal } from "../../src/decode/journal.ts";
import { imagePath } from "../../src/sink/image_path.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

Deno.test("spaceNeeded: each image by its record, up to whole blocks, and what is finished not at all", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 10, images: 300, bytes: [1, 9000], record0: "last" })];
  writeDataset(folder.path, records);
  using dataset = await openDataset(folder.path, { chunkBytes: 4096 });
  const output = `${folder.path}/images`;
  Deno.mkdirSync(output);
  const needed = (blockBytes: number, relabel = false, begunTasks = 0) => {
    using journal = new Journal(output, fingerprintOf([dataset, dataset], {}));
    return spaceNeeded([dataset, dataset], { blockBytes, relabel, journal, begunTasks });
  };
  const bytes = 2 * records.reduce((sum, { image }) => sum + image.length, 0);
  // Records have two labels each, and up to 3 bytes behind the image.
  const all = needed(1);
  assert(all.bytes >= bytes + 600 * 8 && all.bytes <= bytes + 600 * 11, `${all.bytes} for ${bytes}`);
  assertEquals([all.files, all.folders, needed(1, true).folders], [600, 10, 20]);
  assertEquals(needed(2 ** 20).bytes, 600 * 2 ** 20);

  await decode([dataset, dataset], output, { jobs: 1, journal: { keep: true } });
  assertEquals(needed(1), { bytes: 0, files: 0, folders: 10 });
  // Without its last image no task counts as finished.
  Deno.removeSync(imagePath(output, 9, 599));
  const one = needed(1);
  assert(one.files > 0 && one.files < 50 && one.bytes > 0, JSON.stringify(one));
  assertEquals(needed(1, false, 1).files, 0);
});

Deno.test("spaceNeeded: an index in disorder, and folders by what the property file says", async () => {
  for (const name of ["shuffled", "no_identity"]) {
    using folder = temporaryFolder();
    using dataset = await openDataset(`${DATA}/${name}`);
    using journal = new Journal(folder.path, {});
    const needed = spaceNeeded([dataset], { blockBytes: 1, relabel: false, journal, begunTasks: 0 });
    assertEquals(needed.files, dataset.layout.order.length);
    assert(needed.bytes < dataset.bytes && needed.bytes > dataset.bytes - 60 * needed.files, JSON.stringify(needed));
    assertEquals(needed.folders, Number(/^\d+/.exec(dataset.property!)![0]));
  }
});
