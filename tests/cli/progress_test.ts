import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { byteSize, counted } from "../../src/cli/numbers.ts";
import { progressBar, progressLine } from "../../src/cli/progress.ts";

const STATE = { images: 4_272_914, total: 17_091_657, share: 0.25, bytes: 34_000_000_000, seconds: 120 };

Deno.test("progressBar: a line of a wide terminal has it all", () => {
  assertEquals(
    progressBar(STATE, 140),
    "━━━━━━━━━━────────────────────────────── 25%, 06:00 left, 4,272,914 of 17,091,657 images, 35,608 images/s, 283 MB/s",
  );
});

Deno.test("progressBar: it never reaches the end of the line, and a narrow one still has the share", () => {
  for (let columns = 0; columns < 200; columns++) {
    const bar = progressBar(STATE, columns);
    assert(bar.length <= Math.max(0, columns - 1), `${columns}: ${bar}`);
    if (columns >= 4) assertStringIncludes(bar, "25%");
    if (columns >= 30) assertStringIncludes(bar, "06:00 left");
  }
});

Deno.test("progressBar: from nothing to all", () => {
  assertStringIncludes(progressBar({ ...STATE, images: 0, bytes: 0, share: 0 }, 80), " 0%, --:-- left");
  assertEquals(progressBar({ ...STATE, share: 1 }, 36), "━".repeat(18) + " 100%, 00:00 left");
  assertStringIncludes(progressBar({ ...STATE, share: 1e-5 }, 80), "3333:18:00 left");
});

Deno.test("progressBar and progressLine: what is not known is left out", () => {
  const unknown = { ...STATE, total: undefined, share: undefined };
  assertEquals(progressBar(unknown, 80), "4,272,914 images, 35,608 images/s, 283 MB/s");
  assertEquals(progressLine(unknown), "4,272,914 images, 35,608 images/s, 283 MB/s");
  assertStringIncludes(progressLine({ ...unknown, share: 0.5 }), "50%, 4,272,914 images, 35,608 images/s");
});

Deno.test("progressLine: the same for a log", () => {
  assertEquals(
    progressLine(STATE),
    "25%, 4,272,914 of 17,091,657 images, 35,608 images/s, 283 MB/s, 06:00 left",
  );
});

Deno.test("byteSize and counted", () => {
  assertEquals([0, 999, 1000, 99_499, 99_500, 999_499, 999_500, 128e9].map(byteSize), [
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "99.5 kB",
    "100 kB",
    "999 kB",
    "1.0 MB",
    "128 GB",
  ]);
  assertEquals([0, 1, 2000].map((count) => counted(count, "image")), ["0 images", "1 image", "2,000 images"]);
});
