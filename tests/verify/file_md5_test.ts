import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { FileSource } from "../../src/bytes/file_source.ts";
import { FileMd5 } from "../../src/verify/file_md5.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("FileMd5: bytes that come twice count once, and those that nobody read are read", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/train.rec`;
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 31);
  Deno.writeFileSync(path, bytes);
  const expected = createHash("md5").update(bytes).digest("hex");
  for (
    const reads of [[], [[0, 5000]], [[0, 3000], [1000, 2000], [2500, 4000]], [[0, 10], [0, 10], [10, 10], [4, 5000]]]
  ) {
    using source = new FileSource(path);
    const md5 = new FileMd5();
    for (const [from, to] of reads) md5.add(bytes.subarray(from, to), from);
    assertEquals(await md5.end(source), expected);
  }
});
