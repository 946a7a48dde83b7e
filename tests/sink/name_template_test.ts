import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { PAYLOAD_KINDS } from "../../src/recordio/payload_kind.ts";
import { labelName, type Named } from "../../src/sink/name_field.ts";
import { NameTemplate, REFERENCE_NAMES } from "../../src/sink/name_template.ts";
import { Namer } from "../../src/sink/namer.ts";
import { seededRandom } from "../write_dataset.ts";

/** An image with these fields, and others of its own. */
function named(fields: Partial<Named>): Named {
  return {
    ...{ label: 7, number: 5, key: 6, id: 2n ** 64n - 1n, identity: 40, index: 3 },
    payload: PAYLOAD_KINDS.png,
    ...fields,
  };
}

const pathOf = (template: string, fields: Partial<Named> = {}) =>
  new Namer(new NameTemplate(template)).pathOf(named(fields));

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

Deno.test("Namer: each field, padded as Python's format does, divided as its // does", () => {
  assertEquals(pathOf(REFERENCE_NAMES), "id_7/7_5.jpg");
  assertEquals(pathOf(REFERENCE_NAMES, { label: -0, number: 0 }), "id_0/0_0.jpg");
  assertEquals(
    pathOf("{label:06}/{number}_{key}_{id}_{identity}_{index:03}.{ext}"),
    "000007/5_6_18446744073709551615_40_003.png",
  );
  // python3 -c 'print(f"{-5:06d} {-123456:06d} {1234567:06d} {-0:03d}")'
  const padded = (label: number, width: number) => pathOf(`{label:0${width}} {number}`, { label }).split(" ")[0];
  assertEquals([padded(-5, 6), padded(-123456, 6), padded(1234567, 6), padded(-0, 3)], [
    "-00005",
    "-123456",
    "1234567",
    "000",
  ]);
  assertEquals(padded(Math.fround(-1e20), 24), "-00100000002004087734272");
  // python3 -c 'print(*(x // 1000 for x in (0, 999, 1000, -1, -1000, -1001)))'
  const divided = (label: number) => pathOf("{label/1000}/{label} {number}", { label }).split("/")[0];
  assertEquals([0, 999, 1000, -1, -1000, -1001].map(divided), ["0", "0", "1", "-1", "-1", "-2"]);
  assertEquals(pathOf("{id/1000:03}/{number/10:02}/{number:02}"), "18446744073709551/00/05");
  assertEquals(pathOf("images/{{{number}}}.jpg"), "images/{5}.jpg");
  assertEquals(pathOf("{number}"), "5");
});

Deno.test("Namer: what one image was named by stays with no other one, and folders are entered when they change", () => {
  const images = [[7, "jpeg"], [7, "png"], [8, "png"], [17, "png"], [17, "jpeg"], [7, "jpeg"]] as const;
  for (
    const [text, ...expected] of [
      [
        "{label/10}/{label}/{number}.{ext}",
        "0/7/0.jpg",
        "0/7/1.png",
        "0/8/2.png",
        "1/17/3.png",
        "1/17/4.jpg",
        "0/7/5.jpg",
      ],
      ["{label/10}/{label}_{number}", "0/7_0", "0/7_1", "0/8_2", "1/17_3", "1/17_4", "0/7_5"],
      [
        "{label}/{label}_{number}_{label:03}-",
        ...["7/7_0_007-", "7/7_1_007-", "8/8_2_008-"],
        "17/17_3_017-",
        "17/17_4_017-",
        "7/7_5_007-",
      ],
      ["{number/2}/{number}", "0/0", "0/1", "1/2", "1/3", "2/4", "2/5"],
      ["{label}_{number}", "7_0", "7_1", "8_2", "17_3", "17_4", "7_5"],
      ["all/{number}", "all/0", "all/1", "all/2", "all/3", "all/4", "all/5"],
    ]
  ) {
    const namer = new Namer(new NameTemplate(text));
    let before: string | undefined;
    for (const [number, [label, kind]] of images.entries()) {
      const image = named({ label, number, payload: PAYLOAD_KINDS[kind] });
      const isOther = namer.goTo(image);
      assertEquals([isOther, namer.pathOf(image)], [namer.folder !== before, expected[number]]);
      before = namer.folder;
    }
  }
});

Deno.test("Namer: what nobody knows of an image is told, and the next one is named right", () => {
  for (const text of ["{identity}/{number}", "{number}_{identity}"]) {
    const namer = new Namer(new NameTemplate(text));
    const known = named({ identity: 4, number: 1 });
    const path = namer.pathOf(known);
    assertThrows(
      () => namer.pathOf(named({ identity: undefined, number: 1 })),
      UnrecError,
      "Cannot name the file of image 1: its identity is not known",
    );
    assertEquals(namer.pathOf(known), path);
  }
});

Deno.test("NameTemplate.read: what is written is read again, and nothing else is", () => {
  const random = seededRandom(12);
  const labels = [0, 1, -1, 7, 10, 360231, 2 ** 24, -(2 ** 24), 2 ** 53, -(2 ** 53), 1e20, -1e20, Math.fround(3.4e38)];
  const numbers = [0, 1, 9, 10, 17_091_656, 2 ** 32, Number.MAX_SAFE_INTEGER];
  for (let i = 0; i < 200; i++) labels.push(Math.fround(Math.trunc((random() - 0.5) * 10 ** (random() * 38))) + 0);
  const templates = [
    REFERENCE_NAMES,
    "{label:06}/{number}.{ext}",
    "{label/1000:03}/{label}/x{number:010}y",
    "{number}",
  ];
  for (const template of templates.map((text) => new NameTemplate(text))) {
    const namer = new Namer(template);
    for (const label of labels) {
      for (const number of numbers) {
        const path = namer.pathOf(named({ label, number }));
        const known = template.fields.has("label") ? label : undefined;
        assertEquals(template.read(path), { label: known, number }, path);
        const folder = path.split("/").slice(0, -1).join("/");
        if (folder !== "") assertEquals(template.read(folder)?.number, undefined, folder);
        // With more or other characters at either end it is another path.
        for (const other of [`${path}x`, `x${path}`, `${path}/x`, `/${path}`, `${path}\n`]) {
          assertEquals(template.read(other), undefined, other);
        }
      }
    }
  }
});

Deno.test("NameTemplate.read: folders and files that no image has", () => {
  const reference = new NameTemplate(REFERENCE_NAMES);
  const folders = ["", "id_", "id_-", "id_-0", "id_007", "id_00", "id_+7", "id_7 ", " id_7", "id_7x", "xid_7", "ID_7"];
  const more = ["id_1e20", "id_1.5", "id_0x7", "id_NaN", "id_Infinity", `id_${"9".repeat(400)}`, "id_--7", "id_7\n"];
  // Digits that no double has: another label has the folder of that name.
  const between = ["id_9007199254740993", "id_100000002004087734273", "id_7/8", "."];
  for (const name of [...folders, ...more, ...between]) assertEquals(reference.read(name), undefined, name);
  const files = ["", "7_.jpg", "7_-1.jpg", "7_05.jpg", "7_00.jpg", "7_5.JPG", "7_5.jpeg", "7_5.jpg.tmp", "7_5.jpg\n"];
  const moreFiles = [
    "7_1e3.jpg",
    "x7_5.jpg",
    "07_5.jpg",
    "-7_5.jpg",
    "8_5.jpg",
    "_5.jpg",
    "7_5",
    "7-5.jpg",
    "7_5_6.jpg",
  ];
  const large = ["7_9007199254740992.jpg", `7_${"9".repeat(17)}.jpg`, "../id_7/7_5.jpg"];
  for (const name of [...files, ...moreFiles, ...large]) assertEquals(reference.read(`id_7/${name}`), undefined, name);
  const padded = new NameTemplate("{label/10:02}/{label:03}/{number}.{ext}");
  for (
    const [path, is] of [
      ["00/007/5.jpg", true],
      ["00/007", true],
      ["12/123/5.webp", true],
      ["-1/-05/5.jpg", true],
      ["00/07/5.jpg", false],
      ["0/007/5.jpg", false],
      ["01/007/5.jpg", false],
      ["00/0007/5.jpg", false],
      ["00/-005/5.jpg", false],
      ["00/007/5.jpeg", false],
      ["00/007/5.", false],
    ] as const
  ) assertEquals(padded.read(path) !== undefined, is, path);
  // Also where the field itself does not stand in the name.
  const divided = new NameTemplate("{label/10:02}/{number}");
  const paths = ["00/5", "-1/5", "100/5", "0/5", "000/5", "-01/5", "0100/5"];
  assertEquals(paths.map((path) => divided.read(path)?.number), [5, 5, 5, ...paths.slice(3).map(() => undefined)]);
});

for (
  const [template, why] of [
    ["", "it names no file"],
    ["/{number}", "it begins with a slash, and files are within the output"],
    ["{label}/", "it names no file"],
    ["{label}//{number}", "two slashes follow each other"],
    ["../{number}", "a name in it begins with a dot"],
    ["./{number}", "a name in it begins with a dot"],
    ["{label}/../{number}", "a name in it begins with a dot"],
    [".unrec-journal/{number}", "a name in it begins with a dot"],
    ["{label}/.{number}", "a name in it begins with a dot"],
    ["lost.tsv/{number}", "lost.tsv is something else in the output"],
    ["Lost.TSV/{number}", "Lost.TSV is something else in the output"],
    ["lost+found/{number}", "lost+found is something else in the output"],
    ["a\\b/{number}", "it has a backslash"],
    ["{number}\0.jpg", "characters that cannot be seen"],
    ["{number}\n", "characters that cannot be seen"],
    ["{number}\x9b1m", "characters that cannot be seen"],
    ["{number}\u202egpj.exe", "characters that cannot be seen"],
    ["{number}\ud800", "characters that cannot be seen"],
    ["{number}" + "x".repeat(240), "a name in it can have 256 bytes, and 255 are the most"],
    ["{number}" + "ä".repeat(120), "a name in it can have 256 bytes"],
    ["{label:099}{{{key:099}}}{number:099}", "a name in it can have 299 bytes"],
    ["{", "a { stands alone; give {{ for a brace"],
    ["{number}}", "a } stands alone; give }} for a brace"],
    ["{number}/{", "a { stands alone"],
    ["{{{{{{number}", "stands alone"],
    ["{}/{number}", "there is no field {}; there are {label}, {number}, {key}, {id}, {identity}, {index}, {ext}"],
    ["{Label}/{number}", "there is no field {Label}"],
    ["{ label}/{number}", "there is no field { label}"],
    ["{toString}/{number}", "there is no field {toString}"],
    ["{number:6}", "{number:6} can be filled up with zeros to a number of characters: {number:06}"],
    ["{number:06d}", "{number:06d} can be filled up"],
    ["{number:0}", "{number:0} can be filled up"],
    ["{number:}", "{number:} can be filled up"],
    ["{number:0100}", "{number:0100} can be filled up"],
    ["{number/}", "{number/} is to be divided by a whole number: {number/1000}"],
    ["{number/0}", "is to be divided by a whole number"],
    ["{number/-5}", "is to be divided by a whole number"],
    ["{number/1e3}", "is to be divided by a whole number"],
    ["{number/01}", "is to be divided by a whole number"],
    ["{number:06/10}", "can be filled up"],
    ["{number}.{ext:03}", "{ext} is letters"],
    ["{number}.{ext/3}", "{ext} is letters"],
    // Names that two images could have.
    ["{label}.jpg", "two images could have one name; add {number}, or {label} and {index}"],
    ["{id}.jpg", "two images could have one name"],
    ["{index}.jpg", "two images could have one name"],
    ["{identity}/{index}", "two images could have one name"],
    ["{number/10}.{ext}", "two images could have one name"],
    ["{label/1000}/{index}", "two images could have one name"],
    ["image.jpg", "two images could have one name"],
    ["{label}{number}", "between {label} and {number} there must be text, and it must not begin with a digit"],
    ["{label}0{number}", "between {label} and {number} there must be text"],
    ["{label:06}{number:08}", "between {label} and {number} there must be text"],
    ["{ext}{number}", "between {ext} and {number} there must be text, and it must not begin with a letter"],
    ["{ext}g{number}", "it must not begin with a letter"],
  ]
) {
  Deno.test(`NameTemplate: ${JSON.stringify(template).slice(0, 60)} is refused`, () => {
    assertThrows(() => new NameTemplate(template), UnrecError, why);
  });
}

Deno.test("NameTemplate: whatever is not refused names no two images alike, and each a file at the same depth", () => {
  // Values that run into each other where nothing is between them, and zeros, signs and sizes of all kinds.
  const labels = [0, 1, 12, 123, 23, 3, -1, -12, 1000, 2 ** 24, -(2 ** 24), 1e20];
  const numbers = [0, 1, 2, 3, 12, 23, 123, 1000, 1001, 2 ** 32];
  const kinds = [PAYLOAD_KINDS.jpeg, PAYLOAD_KINDS.png, PAYLOAD_KINDS.raw];
  const images: Named[] = [];
  for (const label of labels) {
    for (const number of numbers) {
      const payload = kinds[images.length % kinds.length];
      // As in one dataset: a key is one image's, and so is a label with an index.
      const key = 1 + images.length * 11;
      images.push({
        label,
        number: images.length * 13 + number % 13,
        key,
        id: BigInt(number),
        identity: 3,
        index: number,
        payload,
      });
    }
  }
  const random = seededRandom(77);
  const parts = ["{label}", "{label:03}", "{number}", "{number:02}", "{key}", "{id}", "{index}", "{ext}", "{label/10}"];
  const between = ["", "_", "-", "/", ".", "0", "a", "1-", "-1", "{{", "id_"];
  let taken = 0;
  for (let i = 0; i < 30_000; i++) {
    const pick = (from: string[]) => from[Math.floor(random() * from.length)];
    let text = random() < 0.5 ? "" : pick(between);
    for (let k = Math.floor(random() * 4); k >= 0; k--) text += pick(parts) + pick(between);
    let template: NameTemplate;
    try {
      template = new NameTemplate(text);
    } catch (error) {
      assert(error instanceof UnrecError, `${text}: ${error}`);
      continue;
    }
    taken++;
    const namer = new Namer(template);
    const paths = images.map((image) => namer.pathOf(image));
    assertEquals(new Set(paths).size, paths.length, text);
    for (const [k, path] of paths.entries()) {
      assertEquals(path.split("/").length, template.depth + 1, text);
      assert(path.split("/").every((part) => /^[^./][^/]*$/.test(part)), path);
      const { label, number } = template.read(path)!;
      assertEquals([label ?? images[k].label, number ?? images[k].number], [images[k].label, images[k].number], path);
    }
  }
  assert(taken > 3000, `${taken} of them`);
});

Deno.test("NameTemplate: every ending is letters, so that a text after it can be told from it", () => {
  for (const { extension } of Object.values(PAYLOAD_KINDS)) assert(/^[a-z]+$/.test(extension), extension);
});

Deno.test("NameTemplate.folderCounts: about how many folders, and how many in one", () => {
  const counts = (text: string) => {
    const { folders, most, level } = new NameTemplate(text).folderCounts(100_000, 1_000_000);
    return [folders, most, level];
  };
  assertEquals(counts(REFERENCE_NAMES), [100_000, 100_000, 0]);
  assertEquals(counts("{label/1000}/{label}/{number}"), [100_100, 1000, 1]);
  assertEquals(counts("{number/1000}/{number}"), [1000, 1000, 0]);
  assertEquals(counts("a/{label:06}/b/{number}"), [200_001, 100_000, 1]);
  assertEquals(counts("{number}"), [0, 0, 0]);
  assertEquals(counts("{label}/{number/10}/{number}"), [1_100_000, 100_000, 0]);
});

Deno.test("NameTemplate.spread: the folders of one go into a thousand times fewer", () => {
  const spread = (text: string, level: number) => new NameTemplate(text).spread(level);
  assertEquals(spread(REFERENCE_NAMES, 0), "{label/1000}/id_{label}/{label}_{number}.jpg");
  assertEquals(spread("{label/1000:03}/{label}/{number}", 0), "{label/1000000}/{label/1000:03}/{label}/{number}");
  assertEquals(spread("{label/1000:03}/{label}/{number}", 1), "{label/1000}/{label/1000:03}/{label}/{number}");
  assertEquals(spread("all/{identity}/{number}", 1), "{identity/1000}/all/{identity}/{number}");
  assertEquals(spread("{ext}/{number}", 0), undefined);
  for (const text of [REFERENCE_NAMES, "{label}/{index}", "{number/7}/{number}"]) {
    const { most } = new NameTemplate(spread(text, 0)!).folderCounts(360_232, 17_091_657);
    assert(most <= 3000, `${text}: ${most}`);
  }
});
