import { assertEquals } from "@std/assert";
import { folderName, imageName, imagePath, labelName, labelOfFolder, numberOfImage } from "../../src/sink/tree_path.ts";
import { seededRandom } from "../write_dataset.ts";

Deno.test("labelName: as Python prints them", () => {
  // python3 -c 'print("%d" % int(x))' for the float32 of each
  assertEquals([0, -0, -1, 360231, 16777216, -16777218].map(labelName), [
    "0",
    "0",
    "-1",
    "360231",
    "16777216",
    "-16777218",
  ]);
  assertEquals(labelName(Math.fround(1e20)), "100000002004087734272");
  assertEquals(labelName(Math.fround(3.4028234663852886e38)), "340282346638528859811704183484516925440");
});

Deno.test("the grammar of the tree: what is written is read again", () => {
  const random = seededRandom(12);
  const labels = [0, 1, -1, 7, 10, 360231, 2 ** 24, -(2 ** 24), 2 ** 53, -(2 ** 53), 1e20, -1e20, Math.fround(3.4e38)];
  const numbers = [0, 1, 9, 10, 17_091_656, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (let i = 0; i < 500; i++) labels.push(Math.fround(Math.trunc((random() - 0.5) * 10 ** (random() * 38))) + 0);
  for (const label of labels) {
    assertEquals(labelOfFolder(folderName(label)), label);
    for (const number of numbers) {
      const path = imagePath(label, number);
      assertEquals(path, `${folderName(label)}/${imageName(labelName(label), number)}`);
      assertEquals(numberOfImage(path.split("/")[1], label), number);
      // An image of another label does not belong there.
      assertEquals(numberOfImage(imageName(labelName(label), number), label + 2 ** 110), undefined);
    }
  }
  assertEquals([imagePath(-0, 5), imagePath(7, 0)], ["id_0/0_5.jpg", "id_7/7_0.jpg"]);
  assertEquals(Object.is(labelOfFolder("id_0"), 0), true);
});

Deno.test("labelOfFolder: names that no label's folder has", () => {
  const names = [
    "",
    "id_",
    "id_-",
    "id_-0",
    "id_007",
    "id_00",
    "id_+7",
    "id_7 ",
    " id_7",
    "id_7x",
    "xid_7",
    "ID_7",
    "id_1e20",
  ];
  const more = [
    "id_1.5",
    "id_0x7",
    "id_NaN",
    "id_Infinity",
    "id_-Infinity",
    `id_${"9".repeat(400)}`,
    "id_7/8",
    "id_--7",
    "id_7\n",
  ];
  // Digits that no double has: another label has the folder of that name.
  const between = ["id_9007199254740993", "id_100000002004087734273"];
  for (const name of [...names, ...more, ...between]) assertEquals(labelOfFolder(name), undefined, name);
});

Deno.test("numberOfImage: names that no image of the label has", () => {
  const names = [
    "",
    "7_.jpg",
    "7_-1.jpg",
    "7_05.jpg",
    "7_00.jpg",
    "7_5.JPG",
    "7_5.jpeg",
    "7_5.jpg.tmp",
    "7_5.jpg\n",
    "7_1e3.jpg",
  ];
  const more = [
    "x7_5.jpg",
    "07_5.jpg",
    "-7_5.jpg",
    "8_5.jpg",
    "_5.jpg",
    "7_5",
    "7-5.jpg",
    "7_5_6.jpg",
    "7_9007199254740992.jpg",
  ];
  for (const name of [...names, ...more, `7_${"9".repeat(17)}.jpg`]) {
    assertEquals(numberOfImage(name, 7), undefined, name);
  }
});
