import { assert, assertEquals } from "@std/assert";
import { Permutation } from "../../src/dataset/permutation.ts";

/** The places of all numbers. */
function placesOf(count: number, seed: number): number[] {
  const permutation = new Permutation(count, seed);
  return Array.from({ length: count }, (_, number) => permutation.placeOf(number));
}

Deno.test("a seed has its order for ever: shards that somebody has published could not be made again otherwise", () => {
  assertEquals(placesOf(10, 7), [9, 8, 2, 7, 4, 0, 6, 5, 1, 3]);
  assertEquals(placesOf(10, 8), [9, 4, 3, 5, 2, 8, 6, 1, 7, 0]);
  const large = new Permutation(17_091_657, 0);
  assertEquals([0, 1, 17_091_656].map((number) => large.placeOf(number)), [10_648_333, 4_088_566, 14_518_952]);
});

Deno.test("every number has a place of its own, however many there are and whatever the seed is", () => {
  for (const count of [1, 2, 3, 255, 256, 257, 1000, 65_536, 100_003]) {
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const places = Uint32Array.from(placesOf(count, seed)).sort();
      assertEquals(places, Uint32Array.from(places.keys()), `${count} with ${seed}`);
      const permutation = new Permutation(count, seed);
      for (let number = 0; number < count; number += 7) {
        assertEquals(permutation.numberAt(permutation.placeOf(number)), number);
      }
    }
  }
  assertEquals(placesOf(0, 0), []);
});

Deno.test("all numbers that 32 bits hold can be shuffled", () => {
  const permutation = new Permutation(2 ** 32, 5);
  for (const number of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    const place = permutation.placeOf(number);
    assert(Number.isInteger(place) && place >= 0 && place < 2 ** 32, `${place}`);
    assertEquals(permutation.numberAt(place), number);
  }
});

Deno.test("a shuffled order is none that one can see: all orders of three come as often, neighbours are far apart", () => {
  const SEEDS = 6000;
  const counts = new Map<string, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const order = placesOf(3, seed).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals(counts.size, 6);
  for (const [order, count] of counts) assert(Math.abs(count - SEEDS / 6) < 120, `${order}: ${count}`);
  const places = placesOf(100_000, 1);
  const distances = places.slice(1).reduce((sum, place, i) => sum + Math.abs(place - places[i]), 0);
  assert(Math.abs(distances / places.length / (places.length / 3) - 1) < 0.02, `${distances / places.length}`);
  // A half of what comes first stays in the first half.
  const low = places.slice(0, 50_000).filter((place) => place < 50_000).length;
  assert(Math.abs(low - 25_000) < 500, `${low}`);
});
