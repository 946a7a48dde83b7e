/** Opening verification sets: files that change while they are read, and reading that is ended. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { UnrecError } from "../../src/errors.ts";
import { openUnlessAborted, openVerificationSet } from "../../src/source/verification_files.ts";
import { PAIRS } from "../pickle/sets.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** More than one piece of reading: what comes after the pickle counts too. */
const BYTES = 2 ** 24;

/** A set with zeros after it. */
function writeLong(path: string): void {
  Deno.copyFileSync(join(PAIRS, "pairs_p3.bin"), path);
  Deno.truncateSync(path, BYTES);
}

Deno.test("openVerificationSet: a file of several pieces", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "lfw.bin");
  writeLong(path);
  const { length, facts } = await openVerificationSet(path);
  assertEquals([length, facts.name, facts.size, facts.trailingBytes], [12, path, BYTES, BYTES - 102_272]);
});

for (
  const [what, change, why] of [
    ["changes", (path: string) => Deno.utimeSync(path, 1e9, 1e9), "its pickle changed meanwhile"],
    ["becomes shorter", (path: string) => Deno.truncateSync(path, 2 ** 20), "went from 16777216 to 1048576 bytes"],
    ["becomes longer", (path: string) => Deno.truncateSync(path, 2 ** 25), "went from 16777216 to 33554432 bytes"],
  ] as [string, (path: string) => void, string][]
) {
  Deno.test(`openVerificationSet: a file that ${what} while it is read`, async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "lfw.bin");
    writeLong(path);
    // The first piece is read by now, and not the second one.
    const set = openVerificationSet(path);
    change(path);
    await assertRejects(() => set, UnrecError, why);
  });
}

Deno.test("openUnlessAborted: it is ended between two pieces", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "lfw.bin");
  writeLong(path);
  const controller = new AbortController();
  const set = openUnlessAborted(path, controller.signal);
  controller.abort();
  assertEquals(await set, undefined);
});
