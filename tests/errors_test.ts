import { assertEquals } from "@std/assert";
import { codeOf, systemReason } from "../src/errors.ts";

/** An error as Deno 2.9 throws it, with a code or with none. */
const thrown = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

for (
  const [message, code, reason] of [
    ["Too many links (os error 31): mkdir '/out/id_7'", "EMLINK", "the file system takes no more folders in that one"],
    ["Disk quota exceeded (os error 122): writefile '/out/x'", "EDQUOT", "the disk quota is used up"],
    ["Disc quota exceeded (os error 69)", "EDQUOT", "the disk quota is used up"],
    ["Stale file handle (os error 116): writefile '/out/x'", "ESTALE", "the file is gone from the network drive"],
    ["File too large (os error 27): writefile '/out/x'", "EFBIG", "the file is too large for the file system"],
    ["Remote I/O error (os error 121): writefile '/out/a: b'", "", "Remote I/O error (os error 121)"],
    ["something of two\nlines", "", "something of two"],
  ]
) {
  Deno.test(`codeOf, systemReason: ${message.split(" (")[0]}, which Deno gives no code`, () => {
    assertEquals([codeOf(thrown(message)), systemReason(thrown(message))], [code, reason]);
  });
}

Deno.test("codeOf, systemReason: errors with a code, and what is no error of the system", () => {
  const full = thrown("No space left on device (os error 28): writefile '/x'", "ENOSPC");
  assertEquals([codeOf(full), systemReason(full)], ["ENOSPC", "the disk is full (no space or no inodes left)"]);
  assertEquals([codeOf(undefined), codeOf(null), codeOf("x"), systemReason("x")], ["", "", "", "x"]);
});
