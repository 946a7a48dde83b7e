/** Archives decoded by the command line: the trees are those of the unpacked datasets, or the run says why not. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { testUnless, WHY_NO_LINUX, WHY_NO_UNIX, whyMissing } from "../../needs.ts";
import { commandAfter, paste } from "../../paste.ts";
import { complaints, type Finished, PROJECT, RUN, runUnrec, startUnrec } from "../../run_unrec.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { DATA, exists, expectedTree, treeOf } from "../../tree.ts";
import { encodeRecord, faces, writeDataset } from "../../write_dataset.ts";
import { type ArchiveSpec, makeTar, tarHeader, writeParts } from "./make_archive.ts";

/** Runs the command line with bytes on its standard input. */
async function runWithInput(input: Uint8Array<ArrayBuffer>, ...args: string[]): Promise<Finished> {
  const child = startUnrec(["--include=-", ...args], "piped");
  // A program that has seen enough closes its end.
  const written = new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await written;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

function assertDecoded(finished: Finished, output: string, expected: string): void {
  const unexpected = complaints(finished).filter((line) => !/of more than one dataset|the property file of/.test(line));
  assertEquals([finished.code, unexpected], [0, []]);
  assertEquals(treeOf(output), expectedTree(expected));
}

function assertRefused(finished: Finished, ...parts: string[]): void {
  const lines = complaints(finished).filter((line) => !line.startsWith("unrec: Warning: "));
  assertEquals([finished.code, finished.stdout, lines.length], [1, "", 1], finished.stderr);
  for (const part of ["unrec: Cannot ", ...parts]) assertStringIncludes(lines[0], part);
}

const ARCHIVES: [string, ArchiveSpec][] = [
  ["glint_mini", { names: ["glint_mini"] }],
  ["glint_mini", { names: ["glint_mini/train.idx", "glint_mini/train.rec", "glint_mini/property"], format: "posix" }],
  ["glint_mini", { names: ["glint_mini/train.rec", "glint_mini/property", "glint_mini/train.idx"], format: "ustar" }],
  ["glint_mini", { names: ["train.rec", "train.idx"], from: `${DATA}/glint_mini`, gzip: false }],
  ["glint_mini+second_source", { names: ["glint_mini", "second_source"], gzip: false }],
  ["glint_mini+second_source", {
    names: ["glint_mini/train.rec", "second_source/train.rec", "second_source/train.idx", "glint_mini/train.idx"],
    format: "posix",
  }],
  ["header_last", { names: ["header_last"], format: "posix" }],
  ["multipart", { names: ["multipart"], format: "ustar" }],
  ["no_identity", { names: ["no_identity"] }],
  ["scalar_label", { names: ["scalar_label"] }],
  ["shared_label", { names: ["shared_label"] }],
  // Its keys were shuffled before it was written: they follow the file, whatever the header ids are.
  ["shuffled", { names: ["shuffled"] }],
];

for (const [expected, spec] of ARCHIVES) {
  const { names, format = "gnu", gzip = true } = spec;
  Deno.test(`${names.join(" ")}, ${format}${gzip ? ", gzip" : ""}: from a file, from parts, from standard input`, async () => {
    using folder = temporaryFolder();
    const bytes = makeTar(spec);
    Deno.writeFileSync(`${folder.path}/archive`, bytes);
    Deno.mkdirSync(`${folder.path}/parts`);
    const [first] = writeParts(bytes, `${folder.path}/parts/faces`, 7);
    let run = 0;
    for (const include of [`${folder.path}/archive`, first, `${folder.path}/parts`, `${folder.path}/parts/f*`, "-"]) {
      for (const how of [["--jobs=1", "--engine=ts"], ["--jobs=2", "--engine=wasm", "--chunk-size=300"]]) {
        const output = `${folder.path}/images${run++}`;
        const finished = include === "-"
          ? await runWithInput(bytes, `--output=${output}`, ...how)
          : await runUnrec(`--include=${include}`, `--output=${output}`, ...how);
        assertDecoded(finished, output, expected);
      }
    }
  });
}

Deno.test("an archive and a folder are numbered one after the other", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  Deno.writeFileSync(`${folder.path}/b.tar`, makeTar({ names: ["second_source"], gzip: false }));
  const pairs = [[`${folder.path}/a.tgz`, `${DATA}/second_source`], [`${DATA}/glint_mini`, `${folder.path}/b.tar`]];
  for (const [i, include] of pairs.entries()) {
    const output = `${folder.path}/images${i}`;
    assertDecoded(await runUnrec(`--include=${include}`, `--output=${output}`), output, "glint_mini+second_source");
  }
});

Deno.test("--dry-run reads an archive, says what is in it, and writes nothing", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  const output = `${folder.path}/images`;
  const { code, stdout } = await runUnrec(
    `--include=${folder.path}/a.tgz`,
    `--output=${output}`,
    "--dry-run",
    "--json",
  );
  const { dryRun, images, labels, identityRecords } = JSON.parse(stdout);
  assertEquals([code, dryRun, images, labels, identityRecords], [0, true, 82, 24, 24]);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["a.tgz"]);
});

Deno.test("--keep-rec stores the datasets' own files", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  const args = [`--include=${folder.path}/a.tgz`, `--keep-rec=${folder.path}/kept/rec`];
  const output = `${folder.path}/images`;
  assertDecoded(await runUnrec(...args, `--output=${output}`), output, "glint_mini");
  const names = ["property", "train.idx", "train.rec"];
  assertEquals(Array.from(Deno.readDirSync(`${folder.path}/kept/rec`), ({ name }) => name).sort(), names);
  for (const name of names) {
    assertEquals(Deno.readFileSync(`${folder.path}/kept/rec/${name}`), Deno.readFileSync(`${DATA}/glint_mini/${name}`));
  }
  // Files with the same bytes are those that are wanted; another one is never written over.
  const again = await runUnrec(...args, `--output=${folder.path}/again`);
  assertDecoded(again, `${folder.path}/again`, "glint_mini");
  for (const [bytes, output] of [["24,112,113", "sizes"], ["24,112,113\n", "bytes"]]) {
    Deno.writeTextFileSync(`${folder.path}/kept/rec/property`, bytes);
    assertRefused(
      await runUnrec(...args, `--output=${folder.path}/${output}`),
      `Cannot keep ${folder.path}/kept/rec/property: there is a file of that name already, and it is another one`,
      "give another --keep-rec",
    );
    assertEquals(Deno.readTextFileSync(`${folder.path}/kept/rec/property`), bytes);
  }
  assertEquals(Array.from(Deno.readDirSync(`${folder.path}/kept/rec`), ({ name }) => name).sort(), names);
});

Deno.test("--keep-rec: again, with --restart, and after a run that did not keep, all is there", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  const decode = [`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`];
  const keep = `--keep-rec=${folder.path}/kept`;
  const kept = () => Deno.readFileSync(`${folder.path}/kept/train.rec`).length;
  const records = Deno.statSync(`${DATA}/glint_mini/train.rec`).size;
  assertDecoded(await runUnrec(...decode), `${folder.path}/images`, "glint_mini");
  const runs: [string[], string][] = [
    [[], "images            82"],
    [[], "Already complete"],
    [["--restart"], "images            82"],
  ];
  for (const [more, said] of runs) {
    const finished = await runUnrec(...decode, keep, ...more);
    assertDecoded(finished, `${folder.path}/images`, "glint_mini");
    assertStringIncludes(finished.stdout, said);
    assertEquals(kept(), records);
  }
  Deno.removeSync(`${folder.path}/kept/train.rec`);
  assertDecoded(await runUnrec(...decode, keep), `${folder.path}/images`, "glint_mini");
  assertEquals(kept(), records);
});

Deno.test("--keep-rec: several datasets in an archive, and several archives, have a folder each", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/both.tar`, makeTar({ names: ["glint_mini", "second_source"], gzip: false }));
  Deno.writeFileSync(`${folder.path}/one.tgz`, makeTar({ names: ["glint_mini"] }));
  const [first] = writeParts(makeTar({ names: ["second_source"] }), `${folder.path}/two.tar.gz.`, 3);
  const includes: [string, string[]][] = [
    [`${folder.path}/both.tar`, ["glint_mini", "second_source"]],
    [`${folder.path}/one.tgz,${first}`, ["one", "two"]],
  ];
  for (const [i, [include, folders]] of includes.entries()) {
    const output = `${folder.path}/images${i}`;
    const kept = `${folder.path}/kept${i}`;
    for (const more of [[], ["--restart"]]) {
      const finished = await runUnrec(`--include=${include}`, `--output=${output}`, `--keep-rec=${kept}`, ...more);
      assertDecoded(finished, output, "glint_mini+second_source");
    }
    for (const [j, name] of ["glint_mini", "second_source"].entries()) {
      assertEquals(
        Deno.readFileSync(`${kept}/${folders[j]}/train.rec`),
        Deno.readFileSync(`${DATA}/${name}/train.rec`),
      );
    }
  }
});

Deno.test("--keep-rec follows no link, and its folder is not among the images", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini"] }));
  Deno.writeTextFileSync(`${folder.path}/precious`, "precious");
  Deno.mkdirSync(`${folder.path}/kept`);
  Deno.symlinkSync("../precious", `${folder.path}/kept/.unrec-1.part`);
  const output = `${folder.path}/images`;
  const args = [`--include=${folder.path}/a.tgz`, `--output=${output}`];
  assertDecoded(await runUnrec(...args, `--keep-rec=${folder.path}/kept`), output, "glint_mini");
  assertEquals(Deno.readTextFileSync(`${folder.path}/precious`), "precious");
  for (const keep of [output, `${output}/kept`]) {
    const { code, stderr } = await runUnrec(...args, `--keep-rec=${keep}`);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "not among the images");
  }
});

Deno.test("--keep-rec and --checksums say that they do nothing with a folder", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/sums`, "");
  const finished = await runUnrec(
    ...[`--include=${DATA}/header_last`, `--output=${folder.path}/images`],
    ...[`--keep-rec=${folder.path}/kept`, `--checksums=${folder.path}/sums`],
  );
  assertEquals(finished.code, 0);
  assertEquals(complaints(finished), [
    `unrec: Warning: --keep-rec stores files of archives, and ${DATA}/header_last/train.rec is none: its files are ` +
    "there already",
    `unrec: Warning: --checksums is about archives, and ${DATA}/header_last/train.rec is none: its sums are compared ` +
    "by unrec verify --checksums",
  ]);
});

Deno.test("--keep-rec leaves nothing that is not whole", async () => {
  using folder = temporaryFolder();
  const bytes = makeTar({ names: ["glint_mini/train.rec", "glint_mini/train.idx"] });
  Deno.writeFileSync(`${folder.path}/a.tgz`, bytes.subarray(0, bytes.length / 2));
  const finished = await runUnrec(
    ...[`--include=${folder.path}/a.tgz`, `--keep-rec=${folder.path}/kept`, `--output=${folder.path}/images`],
  );
  assertRefused(finished, "a part is cut short");
  assertEquals([...Deno.readDirSync(`${folder.path}/kept`)], []);
});

Deno.test("--keep-rec: after an archive that was cut, the same command stores all of it", async () => {
  using folder = temporaryFolder();
  const names = ["glint_mini/property", "glint_mini/train.idx", "glint_mini/train.rec"];
  const bytes = makeTar({ names, gzip: false });
  const output = `${folder.path}/images`;
  const args = [`--include=${folder.path}/a.tar`, `--keep-rec=${folder.path}/kept`, `--output=${output}`];
  Deno.writeFileSync(`${folder.path}/a.tar`, bytes.subarray(0, 100_000));
  for (const _ of ["first", "again"]) {
    assertRefused(await runUnrec(...args), "it ends within glint_mini/train.rec");
    assertEquals([...Deno.readDirSync(`${folder.path}/kept`)], []);
  }
  Deno.writeFileSync(`${folder.path}/a.tar`, bytes);
  const { code, stderr } = await runUnrec(...args);
  assertEquals([code, treeOf(output)], [0, expectedTree("glint_mini")], stderr);
  for (const name of names) {
    const kept = Deno.readFileSync(`${folder.path}/kept/${name.slice("glint_mini/".length)}`);
    assertEquals(kept, Deno.readFileSync(`${DATA}/${name}`));
  }
});

Deno.test("a shuffled file is found out, with the way to decode it", async () => {
  using folder = temporaryFolder();
  const records = [...faces({ identities: 5, images: 50, bytes: [100, 900], record0: "first" })];
  writeDataset(`${folder.path}/shuffled`, records.toReversed());
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["shuffled"], from: folder.path }));
  assertRefused(
    await runUnrec(`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`),
    "Cannot number the images of shuffled/train.rec in",
    "is not the order of the file",
    `; unpack ${folder.path}/a.tgz with tar and give its folder to --include`,
  );
});

Deno.test("an image that two identities name is found out", async () => {
  using folder = temporaryFolder();
  const empty = new Uint8Array();
  writeDataset(`${folder.path}/twice`, [
    { key: 0, label: [3, 5], image: empty },
    { key: 1, label: 1, image: new Uint8Array(9) },
    { key: 2, label: 1, image: new Uint8Array(9) },
    { key: 3, label: [1, 3], image: empty },
    { key: 4, label: [2, 3], image: empty },
  ]);
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["twice"], from: folder.path }));
  assertRefused(
    await runUnrec(`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`),
    "(3 images) is not the order of the file (2 images)",
  );
});

Deno.test("without train.idx the order cannot be known, and nothing says it is right", async () => {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["glint_mini/train.rec"] }));
  assertRefused(
    await runUnrec(`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`),
    "Cannot check the numbers of the 82 images of glint_mini/train.rec",
    "no train.idx came with it",
  );
});

Deno.test("parts of sizes that split does not give are refused before the first image, with the one that differs", async () => {
  using folder = temporaryFolder();
  const bytes = makeTar({ names: ["glint_mini"] });
  const size = Math.ceil(bytes.length / 7);
  const sizes: [string, number, number, string][] = [
    ["cut", 3, size - 100, `faces_03 has ${size - 100} bytes and most parts before the last one ${size}`],
    ["the first one cut", 0, 512, `faces_00 has 512 bytes and most parts before the last one ${size}`],
    ["empty", 4, 0, "faces_04 is empty"],
    ["the last one empty", 6, 0, "faces_06 is empty"],
    [
      "the last one too large",
      6,
      size + 1,
      `faces_06 has ${size + 1} bytes and most parts before the last one ${size}`,
    ],
  ];
  for (const [name, part, length, message] of sizes) {
    const parts = writeParts(bytes, `${folder.path}/faces`, 7);
    Deno.truncateSync(parts[part], length);
    const finished = await runUnrec(`--include=${folder.path}/faces_*`, `--output=${folder.path}/images`);
    assertRefused(finished, message, `; download ${parts[part]} again, or decode it with: cat ${parts[0]} `);
    assertEquals(exists(`${folder.path}/images`), false, name);
  }
});

Deno.test("what follows gzip data is told and passed over; zeros are not even told", async () => {
  using folder = temporaryFolder();
  const whole = makeTar({ names: ["multipart"] });
  const half = makeTar({ names: ["multipart"], gzip: false });
  const members = [gzipSync(half.subarray(0, 5000)), gzipSync(half.subarray(5000))];
  const garbage = new TextEncoder().encode("garbage".repeat(40_000));
  const cases: [string, Uint8Array[], string | undefined][] = [
    ["garbage", [whole, garbage], `no gzip data begin at byte ${whole.length} of ${folder.path}/a.tgz`],
    ["a byte", [whole, new Uint8Array([31])], `no gzip data begin at byte ${whole.length} of`],
    ["zeros, then garbage", [whole, new Uint8Array(10), garbage], `no gzip data begin at byte ${whole.length + 10} of`],
    ["zeros", [whole, new Uint8Array(300_000)], undefined],
    ["two members", members, undefined],
  ];
  for (const [name, pieces, warning] of cases) {
    Deno.writeFileSync(`${folder.path}/a.tgz`, await new Blob(pieces as BlobPart[]).bytes());
    for (const jobs of [1, 2]) {
      const output = `${folder.path}/images`;
      const finished = await runUnrec(`--include=${folder.path}/a.tgz`, `--output=${output}`, `--jobs=${jobs}`);
      assertEquals([finished.code, treeOf(output)], [0, expectedTree("multipart")], finished.stderr);
      const warnings = complaints(finished);
      assertEquals(warnings.length, warning === undefined ? 0 : 1, `${name}: ${finished.stderr}`);
      if (warning !== undefined) {
        assertStringIncludes(warnings[0], "decompression OK, trailing garbage ignored: " + warning);
      }
      Deno.removeSync(output, { recursive: true });
    }
  }
});

Deno.test("a pipe that hands on one byte at first is read as any other", async () => {
  using folder = temporaryFolder();
  for (const gzip of [true, false]) {
    const bytes = makeTar({ names: ["multipart"], gzip });
    const output = `${folder.path}/images${gzip}`;
    const child = startUnrec(["--include=-", `--output=${output}`], "piped");
    const input = child.stdin.getWriter();
    for (const [from, to] of [[0, 1], [1, 2], [2, 300], [300, bytes.length]]) {
      await input.write(bytes.subarray(from, to));
      await new Promise((resolve) => setTimeout(resolve, from < 300 ? 300 : 0));
    }
    await input.close();
    const { code, stderr } = await child.output();
    assertEquals([code, treeOf(output)], [0, expectedTree("multipart")], new TextDecoder().decode(stderr));
  }
});

/** Parts of an archive, damaged, and what the line must contain. */
const DAMAGES: [string, (parts: string[], bytes: Uint8Array) => void, string[]][] = [
  ["a part is missing", (parts) => Deno.removeSync(parts[3]), ["faces_03 is missing, faces_04 comes in its place"]],
  ["the first part is missing", (parts) => Deno.removeSync(parts[0]), [
    "faces_01 on: it does not begin as a tar archive does, compressed or not; is a part before it missing?",
  ]],
  ["the last part is missing", (parts) => Deno.removeSync(parts[6]), [
    "Cannot inflate the archive at byte ",
    "faces_05: the compressed data end too early, so a part is cut short or missing at the end",
  ]],
  ["two parts are swapped", ([, , a, b]) => {
    Deno.renameSync(a, `${a}x`);
    Deno.renameSync(b, a);
    Deno.renameSync(`${a}x`, b);
  }, ["Cannot "]],
  ["the last part is cut short", (parts) => Deno.truncateSync(parts[6], 1000), [
    "Cannot inflate the archive at byte 1000 of ",
    "faces_06: the compressed data end too early",
  ]],
  ["a bit is flipped", (parts) => {
    const bytes = Deno.readFileSync(parts[4]);
    bytes[bytes.length >> 1] ^= 16;
    Deno.writeFileSync(parts[4], bytes);
  }, ["Cannot "]],
  ["gzip's checksum is another", (parts) => {
    const bytes = Deno.readFileSync(parts[6]);
    bytes[bytes.length - 8] ^= 1;
    Deno.writeFileSync(parts[6], bytes);
  }, [
    "gzip's own checksum, which is of all before, differs: in this part or in one before it, whose sums are not known",
    "compare the md5 sums with the published ones",
  ]],
  ["gzip's length is another", (parts) => {
    const bytes = Deno.readFileSync(parts[6]);
    bytes[bytes.length - 4] ^= 1;
    Deno.writeFileSync(parts[6], bytes);
  }, ["Cannot inflate the archive at byte "]],
  ["gzip's header has flags that nobody knows", (parts) => {
    const bytes = Deno.readFileSync(parts[0]);
    bytes[3] |= 0x20;
    Deno.writeFileSync(parts[0], bytes);
  }, ["Cannot "]],
];

for (const [name, damage, messages] of DAMAGES) {
  for (const jobs of [1, 2]) {
    Deno.test(`${name}, --jobs=${jobs}: what was read before is written, whole`, async () => {
      using folder = temporaryFolder();
      const records = [...faces({ identities: 20, images: 600, bytes: [3000, 6000], record0: "last" })];
      writeDataset(`${folder.path}/many`, records);
      const bytes = makeTar({ names: ["many/train.rec", "many/train.idx"], from: folder.path });
      damage(writeParts(bytes, `${folder.path}/faces`, 7), bytes);
      const output = `${folder.path}/images`;
      const finished = await runUnrec(`--include=${folder.path}/faces_*`, `--output=${output}`, `--jobs=${jobs}`);
      assertRefused(finished, ...messages);
      const written = Number(/Written before: ([\d,]+) image/.exec(finished.stderr)?.[1] ?? 0);
      const names = written === 0 ? [] : treeOf(output).map((line) => line.split("  ")[1]);
      assertEquals(names.length, written);
      for (const name of names) {
        const number = Number(/_(\d+)\.jpg$/.exec(name)![1]);
        const image = Deno.readFileSync(`${output}/${name}`);
        // A flipped bit may hit an image's own bytes; no other may differ.
        if (!/bit|swapped/.test(finished.stderr)) assertEquals(image.length, records[number].image.length);
      }
      if (/cut short|at the end/.test(name)) assert(written > 400, `${written} images`);
    });
  }
}

Deno.test("checksums: a part that differs ends the run when its end is read", async () => {
  using folder = temporaryFolder();
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${folder.path}/faces`, 5);
  const sum = (path: string, kind: string) => createHash(kind).update(Deno.readFileSync(path)).digest("hex");
  const lines = parts.map((path, i) => `${sum(path, i === 1 ? "sha256" : "md5")} ${i % 2 ? "*" : " "}${path}`);
  Deno.writeTextFileSync(`${folder.path}/good`, `${lines.join("\n")}\n`);
  Deno.writeTextFileSync(
    `${folder.path}/bad`,
    lines.with(2, lines[2].replace(/^./, (c) => c === "0" ? "1" : "0")).join("\n"),
  );
  Deno.writeTextFileSync(`${folder.path}/none`, "no sums at all\n");
  const args = [`--include=${parts[0]}`, `--output=${folder.path}/images`];
  const good = await runUnrec(...args, `--checksums=${folder.path}/good`);
  assertDecoded(good, `${folder.path}/images`, "glint_mini");
  Deno.removeSync(`${folder.path}/images`, { recursive: true });
  assertRefused(
    await runUnrec(...args, "--overwrite", `--checksums=${folder.path}/bad`),
    `Cannot trust ${parts[2]}: its md5 is ${sum(parts[2], "md5")} and should be `,
    `; download ${parts[2]} again, or decode it all the same with: `,
    ` --output=${folder.path}/images --overwrite --no-checksum`,
  );
  assertRefused(
    await runUnrec(...args, `--checksums=${folder.path}/none`),
    "line 1 is not what md5sum or sha256sum write",
  );
});

Deno.test("checksums: those of Glint360K are known, unless they are not asked for", async () => {
  using folder = temporaryFolder();
  const parts = writeParts(makeTar({ names: ["glint_mini"] }), `${folder.path}/glint360k`, 3);
  const output = `${folder.path}/images`;
  assertRefused(
    await runUnrec(`--include=${parts[0]}`, `--output=${output}`),
    `Cannot trust ${parts[0]}: its md5 is`,
    "should be cf7433cbb915ac422230ba33176f4625",
  );
  assertDecoded(await runUnrec(`--include=${parts[0]}`, `--output=${output}`, "--no-checksum"), output, "glint_mini");
});

Deno.test("links, devices, absolute paths and ways out are passed over with a warning, and write nothing", async () => {
  using folder = temporaryFolder();
  const rec = Deno.readFileSync(`${DATA}/header_last/train.rec`);
  const idx = Deno.readFileSync(`${DATA}/header_last/train.idx`);
  const padded = (bytes: Uint8Array) => [bytes, new Uint8Array(-bytes.length & 511)];
  const pieces = [
    tarHeader("../train.rec", rec.length, "0"),
    ...padded(rec),
    tarHeader(`${folder.path}/escaped/train.rec`, rec.length, "0"),
    ...padded(rec),
    tarHeader("link", 0, "2", "/etc/passwd"),
    tarHeader("hard", 0, "1", "train.rec"),
    tarHeader("device", 0, "3"),
    tarHeader("pipe", 0, "6"),
    tarHeader("train.rec", rec.length, "0"),
    ...padded(rec),
    tarHeader("train.idx", idx.length, "0"),
    ...padded(idx),
    new Uint8Array(1024),
  ];
  await Deno.writeFile(`${folder.path}/a.tar`, new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()));
  const output = `${folder.path}/images`;
  const finished = await runUnrec(
    ...[`--include=${folder.path}/a.tar`, `--output=${output}`, `--keep-rec=${folder.path}/kept`, "--quiet"],
  );
  assertEquals(finished.code, 0, finished.stderr);
  assertEquals(treeOf(output), expectedTree("header_last"));
  const warnings = complaints(finished);
  assertEquals(warnings.map((line) => /a\.tar holds (\S+),? /.exec(line)?.[1]), [
    "../train.rec,",
    `${folder.path}/escaped/train.rec,`,
    "link,",
    "hard,",
    "device,",
    "1",
  ]);
  assertEquals(Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort(), ["a.tar", "images", "kept"]);
  assertEquals(Array.from(Deno.readDirSync(`${folder.path}/kept`), ({ name }) => name).sort(), [
    "train.idx",
    "train.rec",
  ]);
});

testUnless(WHY_NO_LINUX, "a header that claims 100 GB costs no memory, nor does a gzip bomb", async () => {
  using folder = temporaryFolder();
  const records = Array.from({ length: 3 }, (_, key) => encodeRecord({ key, label: 1, image: new Uint8Array(40) }));
  const claims = await new Blob([tarHeader("train.rec", 100e9, "0"), ...records]).bytes();
  // 1 GB of zeros in a file that nobody asked for, 1 MB compressed.
  const size = 2 ** 30;
  const bomb = gzipSync(await new Blob([tarHeader("zeros", size, "0"), new Uint8Array(size)]).bytes(), { level: 1 });
  for (
    const [name, bytes, message] of [
      [
        "claims",
        claims,
        `it ends within train.rec, ${100e9 - 3 * 72} bytes of that are missing. Written before: 3 images`,
      ],
      ["bomb", new Uint8Array(bomb), "there is no train.rec in it"],
    ] as const
  ) {
    Deno.writeFileSync(`${folder.path}/${name}.tar`, bytes);
    for (const jobs of [1, 2]) {
      const args = [
        `--include=${folder.path}/${name}.tar`,
        `--output=${folder.path}/${name}${jobs}`,
        `--jobs=${jobs}`,
      ];
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...RUN.slice(0, -1), `${PROJECT}tests/peak_memory.ts`, ...args],
      }).output();
      assertStringIncludes(new TextDecoder().decode(stderr), message);
      const peak = Number(new TextDecoder().decode(stdout));
      // Well below what the bomb inflates to, and above what garbage adds on a busy machine.
      assert(peak > 0 && peak < 600e6, `${name}, --jobs=${jobs}: ${peak} bytes`);
    }
  }
});

for (
  const [name, bytes, message] of [
    [
      "text",
      new TextEncoder().encode("no archive\n".repeat(100)),
      'file is text: "no archive no archive ',
    ],
    ["compressed text", gzipSync("no archive\n".repeat(1000)), "file inflates to is text: "],
    [
      "an archive compressed twice",
      gzipSync(makeTar({ names: ["header_last"] })),
      "file inflates to is compressed with",
    ],
    ["an empty archive", gzipSync(new Uint8Array(10240)), "it is no tar archive, or an empty one"],
    ["an archive of other things", makeTar({ names: ["expected"] }), "there is no train.rec in it"],
    ["an archive with two of a kind", twice(), "it holds train.rec in"],
    ["a damaged archive", damagedTar(), "the archive is damaged: no header of an entry stands where one belongs"],
  ] as const
) {
  Deno.test(`${name} is refused`, async () => {
    using folder = temporaryFolder();
    Deno.writeFileSync(`${folder.path}/file`, bytes);
    assertRefused(await runUnrec(`--include=${folder.path}/file`, `--output=${folder.path}/images`), message);
  });
}

function twice(): Uint8Array<ArrayBuffer> {
  const records = makeTar({ names: ["train.rec"], from: `${DATA}/header_last`, gzip: false });
  const bytes = new Uint8Array(2 * records.length);
  // Without the zeros at its end, an archive can be followed by another.
  const length = 512 + Math.ceil(Deno.statSync(`${DATA}/header_last/train.rec`).size / 512) * 512;
  bytes.set(records);
  bytes.set(records, length);
  return bytes;
}

function damagedTar(): Uint8Array<ArrayBuffer> {
  const bytes = makeTar({ names: ["header_last/property", "header_last/train.idx"], gzip: false });
  bytes[1024 + 5] ^= 1;
  return bytes;
}

Deno.test("nothing on the standard input", async () => {
  using folder = temporaryFolder();
  assertRefused(
    await runWithInput(new Uint8Array(), `--output=${folder.path}/images`),
    "Cannot read an archive: the standard input is empty: 0 bytes",
  );
});

Deno.test("a damaged record in an archive is named, with the part it came from", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/set`);
  const record = Deno.readFileSync(`${DATA}/header_last/train.rec`);
  record[0] ^= 1;
  Deno.writeFileSync(`${folder.path}/set/train.rec`, record);
  Deno.writeFileSync(`${folder.path}/a.tgz`, makeTar({ names: ["set"], from: folder.path }));
  assertRefused(
    await runUnrec(`--include=${folder.path}/a.tgz`, `--output=${folder.path}/images`),
    `Cannot read the record at byte 0 of set/train.rec in ${folder.path}/a.tgz: no frame begins there`,
    "; read so far: byte ",
  );
});

for (const [program, name] of [["xz", "a.tar.xz"], ["bzip2", "a.tar.bz2"], ["zstd", "a.tar.zst"]]) {
  testUnless(
    whyMissing(program),
    `what is compressed with ${program}: the pipe that inflates it is named, and does`,
    async () => {
      using folder = temporaryFolder();
      const output = `${folder.path}/images`;
      const path = `${folder.path}/${name}`;
      const make = `tar -C ${DATA} -c header_last | ${program} -c >${path}`;
      assert(new Deno.Command("sh", { args: ["-c", make] }).outputSync().success);
      const finished = await runUnrec(`--include=${path}`, `--output=${output}`);
      assertRefused(finished, `Cannot read an archive: ${path} is compressed with ${program}`);
      const pasted = await paste(commandAfter(finished.stderr, "decode it with"));
      assertDecoded(pasted, output, "header_last");
      Deno.removeSync(output, { recursive: true });
      assertRefused(
        await runWithInput(Deno.readFileSync(path), `--output=${output}`),
        `Cannot read an archive: the standard input is compressed with ${program}`,
        `inflate it on the way, with ${program} -dc in front of this command`,
      );
      assertEquals(Array.from(Deno.readDirSync(output)), []);
    },
  );
}

testUnless(WHY_NO_UNIX, "SIGINT while bytes come and none is of an image: they are waited for no more", async () => {
  using folder = temporaryFolder();
  const output = `${folder.path}/images`;
  const records = Deno.readFileSync(`${DATA}/glint_mini/train.rec`);
  const child = startUnrec(["--include=-", `--output=${output}`], "piped");
  const input = child.stdin.getWriter();
  await input.write(tarHeader("train.rec", records.length, "0"));
  await input.write(records);
  await input.write(new Uint8Array(-records.length & 511));
  await input.write(tarHeader("videos", 1e12, "0"));
  let ended = false;
  const feeding = (async () => {
    while (!ended) await input.write(new Uint8Array(2 ** 16)).catch(() => ended = true);
  })();
  while (!exists(`${output}/id_23`)) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  ended = true;
  await feeding;
  await input.close().catch(() => {});
  assertEquals([code, treeOf(output).length], [130, 82], new TextDecoder().decode(stderr));
});

testUnless(WHY_NO_UNIX, "SIGINT while the standard input is waited for", async () => {
  using folder = temporaryFolder();
  const bytes = makeTar({ names: ["glint_mini/train.rec", "glint_mini/train.idx"], gzip: false });
  const output = `${folder.path}/images`;
  const child = startUnrec(["--include=-", `--output=${output}`], "piped");
  const input = child.stdin.getWriter();
  await input.write(bytes.subarray(0, 200_000));
  // The first images are written, and the rest does not come.
  while (!exists(`${output}/id_0/0_1.jpg`)) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  await input.close().catch(() => {});
  assertEquals(
    [code, Number(/Interrupted: (\d+) images written/.exec(said)?.[1])],
    [130, treeOf(output).length],
    said,
  );
});
