/** Layouts whose keys go beyond 2^24, where record 0 and identity records hold them rounded. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DatasetIndex } from "../../src/dataset/dataset_index.ts";
import { type Layout, type OnError, readLayout } from "../../src/dataset/layout.ts";
import { Runs } from "../../src/dataset/runs.ts";
import { UnrecError } from "../../src/errors.ts";
import { type HighKeySet, highKeySet } from "../high_keys.ts";
import { seededRandom, type TestRecord } from "../write_dataset.ts";

/** A layout, and the keys of its images in reading order. */
interface Found {
  layout: Layout;
  order: number[];
}

/** Reads the layout of records as a file with them would give it. Those without a label cannot be read. */
function layoutOf(records: readonly (TestRecord | { key: number })[], onError: OnError = "stop"): Found {
  const keys = new Runs();
  for (const { key } of records) keys.append(key, 1);
  const index = new DatasetIndex(Float64Array.from(records, (_, i) => 40 * i), keys, true, 0);
  // deno-lint-ignore require-yield -- the headers are here
  const reading = readLayout("train.rec", index, function* (rows, visit, onError) {
    for (let place = 0; place < rows.length; place++) {
      const record = records[rows.at(place)];
      if ("label" in record) {
        const labels = typeof record.label === "number" ? [] : record.label;
        const [from = NaN, to = NaN] = Float32Array.from(labels.length < 2 ? [] : labels);
        visit({ flag: labels.length, imageBytes: record.image.length, range: [from, to] }, place);
      } else if (onError === "stop") throw new UnrecError(`Cannot read the record of key ${record.key}`);
    }
  }, onError);
  const step = reading.next(0);
  assert(step.done);
  const { order } = step.value;
  return { layout: step.value, order: Array.from({ length: order.length }, (_, i) => index.keys.at(order.at(i))) };
}

const keysOf = (records: readonly TestRecord[]) => records.map(({ key }) => key);

/** A set with a few identities around a power of two, whose keys begin anywhere. */
function randomSet(random: () => number): HighKeySet {
  const int = (below: number) => Math.floor(random() * below);
  const most = random() < 0.4 ? 1 : 5;
  return highKeySet({
    start: 2 ** (24 + int(8)) - (random() < 0.2 ? int(300) : 20) + int(40),
    sizes: Array.from({ length: 1 + int(6) }, () => 1 + int(most)),
    scalar: random() < 0.5,
    record0: random() < 0.5 ? "first" : "last",
  });
}

Deno.test("readLayout: 20,000 sets around powers of two from 2^24 on, however they are rounded", () => {
  const random = seededRandom(24);
  let rounded = 0;
  for (let i = 0; i < 20_000; i++) {
    const { keys: [first, end], images, records } = randomSet(random);
    const { layout, order } = layoutOf(records);
    const said = JSON.stringify(records.map(({ key, label }) => [key, label]));
    assertEquals(order, keysOf(images), said);
    assertEquals([layout.firstIdentity, layout.identityRecords], [first, end - first], said);
    assertEquals([layout.unnamedRecords, layout.repeatedImages, layout.backwardRanges], [0, 0, 0], said);
    assertEquals([layout.lostIdentities, layout.missing], [[], []], said);
    if (layout.rounded === undefined) continue;
    rounded++;
    assertEquals(layout.rounded.identityRecords, {
      stored: [Math.fround(first), Math.fround(end)],
      found: [first, end],
    });
    assertEquals(layout.rounded.images.found, [images[0].key, first], said);
  }
  assert(rounded > 15_000, `${rounded} are rounded`);
});

/** What happens to a set, and whether it still has all its images. */
const HARMS: Record<string, (set: HighKeySet, int: (below: number) => number) => void> = {
  "an image without bytes": ({ images }, int) => {
    const image = images[int(2) === 0 ? images.length - 1 : int(images.length)];
    image.image = new Uint8Array();
    if (typeof image.label !== "number") image.label = [int(6), int(3) === 0 ? int(9) : int(2)];
  },
  "an image that the index lacks": ({ images }, int) => void images.splice(1 + int(images.length - 1), 1),
  "an identity record that the index lacks": ({ identities }, int) => void identities.splice(int(identities.length), 1),
  "an image after the identity records": ({ identities, keys: [, end] }, int) =>
    void identities.push({ key: end + int(3), label: 0, image: new Uint8Array(4) }),
};

for (const [name, harm] of Object.entries(HARMS)) {
  Deno.test(`readLayout: ${name}: all images, or an error`, () => {
    const random = seededRandom(25);
    const int = (below: number) => Math.floor(random() * below);
    const outcomes = { right: 0, refused: 0, lost: 0 };
    for (let i = 0; i < 10_000; i++) {
      const set = randomSet(random);
      if (set.images.length < 2) continue;
      const images = keysOf(set.images);
      harm(set, int);
      const records = [set.record0, ...set.images, ...set.identities];
      const said = JSON.stringify(records.map(({ key, label }) => [key, label]));
      for (const onError of ["stop", "skip"] as const) {
        let found: Found;
        try {
          found = layoutOf(records, onError);
        } catch (error) {
          assert(error instanceof UnrecError, said);
          assert(/key \d+/.test(error.message), error.message);
          outcomes.refused++;
          continue;
        }
        const { layout, order } = found;
        if (layout.lostIdentities.length > 0 || layout.missing.length > 0) {
          assertEquals(onError, "skip", said);
          outcomes.lost++;
        } else {
          // Of an image beyond the reach of rounding it is said that nothing names it, as below 2^24.
          assertEquals(order, images, said);
          outcomes.right++;
        }
      }
    }
    assert(outcomes.refused > 500, JSON.stringify(outcomes));
  });
}

Deno.test("readLayout: identity records that cannot be read are lost, whatever is rounded", () => {
  const random = seededRandom(26);
  for (let i = 0; i < 5_000; i++) {
    const { record0, images, identities } = randomSet(random);
    const lost = Math.floor(random() * identities.length);
    const records = [record0, ...images, ...identities.map((record, i) => i === lost ? { key: record.key } : record)];
    assertThrows(() => layoutOf(records), UnrecError, "Cannot read the record of key");
    const { layout, order } = layoutOf(records, "skip");
    assertEquals([order, layout.lostIdentities.includes(identities[lost].key)], [keysOf(images), true]);
  }
});

Deno.test("readLayout: without record 0 the identity records are found from the highest key down, and it is lost", () => {
  const random = seededRandom(27);
  for (let i = 0; i < 5_000; i++) {
    const { record0, keys: [first, end], images, identities } = randomSet(random);
    const others = [...images, ...identities];
    assertThrows(
      () => layoutOf(others),
      UnrecError,
      `key ${end - 1}, the last one, is an identity record, and there is no`,
    );
    for (const records of [others, [{ key: record0.key }, ...others]]) {
      const { layout, order } = layoutOf(records, "skip");
      assertEquals([order, layout.lostRecord0, layout.lostIdentities], [keysOf(images), true, []]);
      assertEquals([layout.firstIdentity, layout.identityRecords], [first, end - first]);
    }
  }
});

Deno.test("readLayout: a record after the identity records that may be one of them or an image is named", () => {
  // 16778220 stands for 16778219 to 16778221.
  const { records } = highKeySet({ start: 16_778_200, sizes: [5, 5, 5, 1] });
  const refused = (record: TestRecord, why: string) =>
    assertThrows(() => layoutOf([...records, record]), UnrecError, why);
  const empty = new Uint8Array();
  refused(
    { key: 16_778_220, label: [3, 1], image: empty },
    "key 16778220 may be an identity record or an image without",
  );
  refused(
    { key: 16_778_220, label: [3, 1], image: new Uint8Array(4) },
    "key 16778220 is an image and comes after the ",
  );
});

Deno.test("readLayout: where no key is between, a boundary that nothing tells leaves no doubt", () => {
  // 16777224 stands for 16777223 to 16777225, and the index has none of them.
  const { records, images, identities } = highKeySet({ start: 16_777_218, sizes: [6, 4, 2] });
  identities[0].label = [16_777_218, 16_777_223];
  identities[1].label = [16_777_226, 16_777_228];
  const isThere = (key: number) => key < 16_777_223 || key > 16_777_225;
  assertEquals(layoutOf(records.filter(({ key }) => isThere(key))).order, keysOf(images).filter(isThere));
});

Deno.test("readLayout: boundaries that nothing tells are named, and a loss with skip", () => {
  // 16777224 stands for 16777223 to 16777225.
  const set = () => highKeySet({ start: 16_777_218, sizes: [4, 2, 5] });
  const gap = set();
  (gap.identities[0].label as number[])[1] = 16_777_220;
  const { records } = gap;
  const error = assertThrows(() => layoutOf(records), UnrecError, "identity record 16777229 ends at key 16777220, a ");
  assertStringIncludes(error.message, "it cannot be told whether it names the image of key 16777219");
  assertEquals(error.remedies.map(({ kind }) => kind), ["skip-damage", "compare-sums", "verify"]);
  const { layout, order } = layoutOf(records, "skip");
  assertEquals([order, layout.lostIdentities], [keysOf(gap.images), [16_777_229]]);
  // Where a number stands for one key only, nothing is in doubt: the record is not written, as its set says.
  const sure = set();
  (sure.identities[1].label as number[])[0] = 16_777_222;
  (sure.identities[0].label as number[])[1] = 16_777_218;
  assertEquals(layoutOf(sure.records).layout.unnamedRecords, 4);
});

Deno.test("readLayout: below 2^24 nothing is rounded, and nothing is said of it", () => {
  const { records, images } = highKeySet({ start: 2 ** 24 - 40, sizes: [3, 1, 4] });
  const { layout, order } = layoutOf(records);
  assertEquals([order, layout.rounded], [keysOf(images), undefined]);
});
