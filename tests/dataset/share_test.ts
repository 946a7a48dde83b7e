/** Shares: together they have every image that is chosen once, whatever the layout. */
import { assert, assertEquals } from "@std/assert";
import type { Selection } from "../../src/dataset/selection/selection.ts";
import { numbersOfShare } from "../../src/dataset/share.ts";
import type { ReadingOrder } from "../../src/dataset/reading_order.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { faces, writeDataset } from "../write_dataset.ts";

/** The numbers of the images of each share, rising. */
async function sharesOf(path: string, count: number, select?: Selection): Promise<number[][]> {
  using dataset = await openDataset(path, { select });
  const numbersOf = (order: ReadingOrder) => Array.from({ length: order.length }, (_, place) => order.numberAt(place));
  return Array.from({ length: count }, (_, index) => numbersOf(dataset.order.shareOf({ index, count })));
}

for (const name of ["glint_mini", "header_last", "no_identity", "shuffled"]) {
  Deno.test(`${name}: 1, 2, 3, 7 and 200 shares have every image once, of all and of those that are chosen`, async () => {
    for (const select of [{}, { labels: [[3, 8]] }, { limit: 1 }] as Selection[]) {
      const [all] = await sharesOf(`${DATA}/${name}`, 1, select);
      for (const count of [1, 2, 3, 7, 200]) {
        const shares = await sharesOf(`${DATA}/${name}`, count, select);
        assertEquals(shares.flat().sort((a, b) => a - b), all, `${count} shares`);
        // Stretches of the file are as fine as records here, so no share has two images more than another.
        const most = Math.max(...shares.map(({ length }) => length));
        assert(most <= Math.ceil(all.length / count), `${count} shares: ${shares.map(({ length }) => length)}`);
      }
    }
  });
}

Deno.test("shares of a file in order are neighbouring images", async () => {
  using folder = temporaryFolder();
  writeDataset(folder.path, [...faces({ identities: 20, images: 400, bytes: [500, 1500], record0: "first" })]);
  const shares = await sharesOf(folder.path, 5);
  assertEquals(shares, Array.from({ length: 5 }, (_, i) => Array.from({ length: 80 }, (_, k) => 80 * i + k)));
});

Deno.test("records past the end of the file are the last share's, who tells that they are not there", async () => {
  using dataset = await openDataset(`${DATA}/glint_mini`);
  const { index, layout } = dataset;
  const imagesOf = (i: number) => numbersOfShare(index, layout, 1000, { index: i, count: 3 }).length;
  assertEquals([imagesOf(0), imagesOf(1), imagesOf(2)], [1, 0, 81]);
});
