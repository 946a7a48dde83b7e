/** What is given as an archive and is none, and archives that hold something else than datasets: named in one line. */
import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { commandAfter, paste, UNREC } from "../../paste.ts";
import { runUnrec } from "../../run_unrec.ts";
import { assertSays } from "../../says.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { copyFolder, DATA, exists, expectedTree, treeOf } from "../../tree.ts";
import { makeTar } from "./make_archive.ts";

const QUOTA = "<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>\n";

Deno.test("what is compressed and no archive: records are inflated, a web page is not", async () => {
  using folder = temporaryFolder();
  const set = `${folder.path}/my set`;
  copyFolder(`${DATA}/header_last`, set);
  const records = Deno.readFileSync(`${set}/train.rec`);
  Deno.removeSync(`${set}/train.rec`);
  Deno.writeFileSync(`${set}/train.rec.gz`, gzipSync(records));
  for (
    const [include, says] of [
      [set, "it has train.idx, but no train.rec, only train.rec.gz, which is compressed with gzip"],
      [`${set}/train.rec.gz`, `what ${set}/train.rec.gz inflates to is a file of records (RecordIO)`],
    ]
  ) {
    const output = `${folder.path}/images of ${include.endsWith("gz") ? "a file" : "a folder"}`;
    const refused = await runUnrec(`--include=${include}`, `--output=${output}`);
    assertSays(refused, says);
    assertEquals((await paste(commandAfter(refused.stderr, "inflate it with"))).code, 0);
    assertEquals((await runUnrec(`--include=${set}`, `--output=${output}`)).code, 0);
    assertEquals(treeOf(output), expectedTree("header_last"));
    Deno.writeFileSync(`${set}/train.rec.gz`, gzipSync(records));
    Deno.removeSync(`${set}/train.rec`);
  }
  Deno.writeFileSync(`${set}/page.gz`, gzipSync(QUOTA));
  assertSays(
    await runUnrec(`--include=${set}/page.gz`, `--output=${folder.path}/none`),
    `what ${set}/page.gz inflates to is a web page`,
    `; download ${set}/page.gz again`,
  );
  assertEquals(exists(`${folder.path}/none`), false);
});

/** What is written into a pipe, and what is said of it. */
const PIPED: [string, string, string, string][] = [
  ["a web page", `printf %s '${QUOTA}'`, "the standard input is a web page", "look at what is written into the pipe"],
  [
    "a page in pieces",
    `for i in '<ht' 'ml><' 'p>'; do printf %s "$i"; sleep 0.05; done`,
    "is a web page",
    "look at what",
  ],
  ["a compressed page", `printf %s '${QUOTA}' | gzip`, "the standard input is a web page", "look at what"],
  [
    "JSON",
    `printf '{"error": 1}'`,
    'the standard input is JSON, as servers send it with an error: "{"error": 1}"',
    "look",
  ],
  [
    "records",
    `cat '${DATA}/header_last/train.rec'`,
    "the standard input is a file of records (RecordIO)",
    "give a file that ends in .rec and has its .idx beside it, in place of what comes through a pipe",
  ],
  ["an index", `cat '${DATA}/header_last/train.idx'`, "the standard input is the text of an index", "look at what"],
  ["nothing", "true", "the standard input is empty: 0 bytes", "look at what"],
];

for (const [name, command, ...parts] of PIPED) {
  Deno.test(`standard input that is no archive: ${name}`, async () => {
    using folder = temporaryFolder();
    for (const jobs of [1, 2]) {
      const finished = await paste(`${command} | ${UNREC} --include=- --output='${folder.path}/images' --jobs=${jobs}`);
      assertSays(finished, "Cannot read an archive: ", ...parts);
      assert(!exists(`${folder.path}/images`) || treeOf(`${folder.path}/images`).length === 0);
    }
  });
}

/** What a file of a dataset in an archive holds, and what is said of it. */
const PACKED: [string, string, string, string][] = [
  [
    "a web page for records",
    "train.rec",
    QUOTA,
    "Cannot read records: set/train.rec in $ is a web page, as servers send",
  ],
  ["a pointer for records", "train.rec", "version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"],
  ["nothing for records", "train.rec", "", "Cannot read records: set/train.rec in $ is empty: 0 bytes"],
  [
    "a web page for the index",
    "train.idx",
    QUOTA,
    "Cannot read the index: set/train.idx in $ is a web page, as servers",
  ],
];

for (const [name, file, text, says] of PACKED) {
  Deno.test(`an archive with something else in it: ${name}`, async () => {
    using folder = temporaryFolder();
    copyFolder(`${DATA}/header_last`, `${folder.path}/set`);
    Deno.writeTextFileSync(`${folder.path}/set/${file}`, text);
    const archive = `${folder.path}/faces.tgz`;
    Deno.writeFileSync(archive, makeTar({ names: ["set"], from: folder.path }));
    assertSays(
      await runUnrec(`--include=${archive}`, `--output=${folder.path}/images`),
      says.replaceAll("$", archive),
    );
  });
}
