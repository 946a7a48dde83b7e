/** Our reader of tar archives against GNU tar, and against those who mean harm. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import type { ArchiveEntry } from "../../../src/source/archive/entry.ts";
import { TarError, TarReader } from "../../../src/source/archive/tar_reader.ts";
import { testUnless } from "../../needs.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { seededRandom } from "../../write_dataset.ts";
import { tarHeader } from "./make_archive.ts";

/** What a reader found. */
interface Found {
  /** Path, claimed size, bytes that came, their sum; whether the end was told. */
  files: { path: string; claimed: number; bytes: number; sum: string; ended: boolean }[];
  /** What was passed over, and what it is said to be. */
  odd: [string, string][];
  /** Why it cannot be read on. */
  error?: string;
}

/** Reads an archive that comes in pieces of a size. */
function read(archive: Uint8Array, size = archive.length, wanted = (_: ArchiveEntry) => true): Found {
  const found: Found = { files: [], odd: [] };
  const reader = new TarReader((entry) => {
    if (!wanted(entry)) return undefined;
    const file = { path: entry.path, claimed: entry.bytes, bytes: 0, sum: "", ended: false };
    const hash = createHash("sha256");
    found.files.push(file);
    return {
      push(bytes) {
        assert(!file.ended && bytes.length > 0);
        file.bytes += bytes.length;
        hash.update(bytes);
      },
      end() {
        assertEquals([file.ended, file.bytes], [false, entry.bytes]);
        file.ended = true;
        file.sum = hash.digest("hex");
      },
    };
  }, (path, what) => void found.odd.push([path, what]));
  try {
    for (let at = 0; at < archive.length; at += size) reader.push(archive.subarray(at, at + size));
    reader.end();
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    found.error = error.message;
  }
  return found;
}

function run(program: string, args: string[], cwd?: string): Uint8Array {
  const { success, stdout, stderr } = new Deno.Command(program, { args, cwd, env: { LC_ALL: "C.UTF-8" } }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

const PIECES = [1, 7, 511, 512, 513, 1024, 10_000];

/** Names of all lengths around what each format has room for, and of all kinds of characters. */
function makeFiles(folder: string): string[] {
  const random = seededRandom(11);
  const names = [
    ...[
      "train.rec",
      "empty",
      "ä ö ü 日本 😀",
      "with\nline feed",
      "trailing ",
      "=a=b",
      "-dash",
      `quote'"\\`,
      "a//b/../c",
    ],
    ...[99, 100, 101].map((length) => "n".repeat(length)),
    ...[154, 155, 156].map((length) => `${"p".repeat(length)}/file`),
    ...[98, 99, 100, 101].map((length) => `folder/${"m".repeat(length)}`),
    ...[255, 256, 257, 300, 900].map((length) => {
      let path = "";
      while (path.length < length - 50) path += `${"d".repeat(40)}/`;
      return path + "e".repeat(length - path.length);
    }),
    `${"日".repeat(60)}/${"本".repeat(70)}`,
  ];
  // What may stand in a name may also lead somewhere.
  const usable = names.filter((name) => !name.includes(".."));
  const sizes = [0, 1, 511, 512, 513, 1024, 5000, 20_000];
  for (const [i, name] of usable.entries()) {
    Deno.mkdirSync(`${folder}/${name}`.replace(/[^/]*$/, ""), { recursive: true });
    const bytes = new Uint8Array(name === "empty" ? 0 : sizes[i % sizes.length]);
    // Zeros among them, for they end an archive if a reader is lost.
    for (let at = 0; at < bytes.length; at++) bytes[at] = random() < 0.5 ? 0 : random() * 256;
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
  return usable;
}

/** What GNU tar takes out of an archive: the sum of each regular file, by its path. */
function extracted(archive: string, folder: string): Map<string, { bytes: number; sum: string }> {
  Deno.mkdirSync(folder);
  run("tar", ["-xf", archive, "-C", folder]);
  const files = new Map<string, { bytes: number; sum: string }>();
  const walk = (path: string) => {
    for (const { name, isDirectory, isFile } of Deno.readDirSync(`${folder}/${path}`)) {
      if (isDirectory) walk(`${path}${name}/`);
      else if (isFile) {
        const bytes = Deno.readFileSync(`${folder}/${path}${name}`);
        files.set(path + name, { bytes: bytes.length, sum: createHash("sha256").update(bytes).digest("hex") });
      }
    }
  };
  walk("");
  return files;
}

for (const format of ["v7", "oldgnu", "gnu", "ustar", "posix"]) {
  for (const blocking of [1, 20]) {
    Deno.test(`TarReader finds what GNU tar finds: --format=${format} --blocking-factor=${blocking}`, () => {
      using folder = temporaryFolder();
      const from = `${folder.path}/from`;
      Deno.mkdirSync(from);
      const names = makeFiles(from);
      Deno.linkSync(`${from}/train.rec`, `${from}/zz hard`);
      Deno.symlinkSync("train.rec", `${from}/zz symbolic`);
      Deno.symlinkSync("x".repeat(150), `${from}/zz long`);
      run("mkfifo", [`${from}/zz pipe`]);
      const archive = `${folder.path}/a.tar`;
      const args = [
        `--format=${format}`,
        `--blocking-factor=${blocking}`,
        "--sort=name",
        "-cf",
        archive,
        "-C",
        from,
        ".",
      ];
      // Names that a format has no room for are left out, and that is an error to it.
      new Deno.Command("tar", { args, stderr: "null" }).outputSync();
      const expected = extracted(archive, `${folder.path}/to`);
      // GNU tar makes the hard link a file again.
      expected.delete("zz hard");
      assert(expected.size > (format === "v7" || format === "ustar" ? 7 : names.length - 1), `${expected.size} files`);
      const bytes = Deno.readFileSync(archive);
      const whole = read(bytes);
      assertEquals(whole.error, undefined);
      const found = new Map(whole.files.map(({ path, bytes, sum }) => [path.replace(/^\.\//, ""), { bytes, sum }]));
      assertEquals(found, expected);
      assertEquals(whole.files.every(({ ended, claimed, bytes }) => ended && claimed === bytes), true);
      const odd: [string, string][] = [
        ...[["hard", "a link"], ["long", "a symbolic link"], ["pipe", "a pipe"], ["symbolic", "a symbolic link"]],
      ].map(([name, what]) => [`./zz ${name}`, what]);
      const isThere = ([path]: [string, string]) => {
        try {
          return Deno.lstatSync(`${folder.path}/to/${path}`) !== undefined;
        } catch {
          return false;
        }
      };
      assertEquals(whole.odd, odd.filter(isThere));
      for (const size of PIECES) assertEquals(read(bytes, size), whole, `in pieces of ${size}`);
    });
  }
}

Deno.test("TarReader: every format, with what it reads from a pipe: tar appended to, and concatenated", () => {
  using folder = temporaryFolder();
  for (const format of ["v7", "oldgnu", "gnu", "ustar", "posix"]) {
    const files = Array.from({ length: 5 }, (_, i) => `f${i}`);
    for (const name of files) Deno.writeTextFileSync(`${folder.path}/${name}`, name.repeat(300));
    const archive = `${folder.path}/${format}.tar`;
    run("tar", [`--format=${format}`, "-cf", archive, "f0", "f1"], folder.path);
    run("tar", [`--format=${format}`, "-rf", archive, "f2"], folder.path);
    run("tar", [`--format=${format}`, "-cf", `${archive}2`, "f3", "f4"], folder.path);
    run("tar", ["-Af", archive, `${archive}2`]);
    const { files: found, error } = read(Deno.readFileSync(archive), 100);
    assertEquals([found.map(({ path }) => path), error], [files, undefined]);
  }
});

/** Why no file has holes here. */
const WHY_NO_HOLES = (() => {
  using folder = temporaryFolder();
  using file = Deno.openSync(`${folder.path}/holes`, { create: true, write: true });
  file.truncateSync(2 ** 20);
  return file.statSync().blocks === 0 ? undefined : "this file system knows no holes";
})();

for (const format of ["oldgnu", "gnu", "posix"]) {
  for (const version of format === "posix" ? ["0.0", "0.1", "1.0"] : [""]) {
    testUnless(
      WHY_NO_HOLES,
      `TarReader passes sparse files over, and reads on after them: ${format} ${version}`,
      () => {
        using folder = temporaryFolder();
        Deno.writeTextFileSync(`${folder.path}/a`, "before");
        // More holes than the header has room for: GNU tar adds headers.
        using file = Deno.openSync(`${folder.path}/b`, { create: true, write: true });
        for (let i = 0; i < 60; i++) {
          file.seekSync(i * 2 ** 20, Deno.SeekMode.Start);
          file.writeSync(new Uint8Array(4096).fill(i + 1));
        }
        Deno.writeTextFileSync(`${folder.path}/c`, "after");
        const archive = `${folder.path}/a.tar`;
        const how = version === "" ? [] : [`--sparse-version=${version}`];
        run("tar", ["-S", ...how, `--format=${format}`, "-cf", archive, "a", "b", "c"], folder.path);
        const bytes = Deno.readFileSync(archive);
        const { files, odd, error } = read(bytes);
        assertEquals([files.map(({ path }) => path), error], [["a", "c"], undefined]);
        assertEquals([odd.length, odd[0][1]], [1, "a sparse file"]);
        for (const size of PIECES) assertEquals(read(bytes, size), { files, odd });
      },
    );
  }
}

/** Puts pieces one after the other, each filled up to a block. */
function tar(...pieces: (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const piece of pieces) {
    bytes.push(...typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
    while (bytes.length % 512 !== 0) bytes.push(0);
  }
  return Uint8Array.from(bytes);
}

const END = new Uint8Array(1024);

/** A header whose fields were changed, with its sum right again. */
function changed(change: (header: Uint8Array) => void, size = 0, type = "0"): Uint8Array {
  const header = tarHeader("file", size, type);
  change(header);
  header.fill(32, 148, 156);
  const sum = header.reduce((sum, byte) => sum + byte);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

/** A record of a pax header. */
function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = new TextEncoder().encode(rest).length;
  let digits = 1;
  while (String(length + digits).length > digits) digits++;
  return `${length + digits}${rest}`;
}

function put(header: Uint8Array, at: number, text: string): void {
  header.set(new TextEncoder().encode(text), at);
}

Deno.test("TarReader: sizes beyond what octal digits hold, and other ways to write a size", () => {
  for (const size of [8 ** 11, 100e9, 2 ** 53 - 1]) {
    const { files, error } = read(tar(tarHeader("file", size, "0"), "data"));
    assertEquals(files.map(({ path, claimed }) => [path, claimed]), [["file", size]]);
    assertEquals(error, `it ends within file, ${size - 512} bytes of that are missing`);
  }
  const header = pax("size", "123456789012");
  const big = read(tar(tarHeader("h", header.length, "x"), header, tarHeader("file", 3, "0"), "abc"));
  assertEquals(big.files[0].claimed, 123456789012);
  for (const text of ["00000000003\0", "3\0", "          3 ", "3 \0", " 3", "000000000003"]) {
    const { files, error } = read(tar(changed((header) => put(header.fill(0, 124, 136), 124, text)), "abc", END));
    assertEquals([files[0]?.bytes, error], [3, undefined], JSON.stringify(text));
  }
});

Deno.test("TarReader: the sum of a header may be taken with its bytes as signed, as old programs did", () => {
  const header = tarHeader("täg", 3, "0");
  const own = header.map((byte, i) => i >= 148 && i < 156 ? 32 : byte);
  const signed = new Int8Array(own.buffer).reduce((sum, byte) => sum + byte, 0);
  put(header, 148, `${signed.toString(8).padStart(6, "0")}\0 `);
  const { files, error } = read(tar(header, "abc", END));
  assertEquals([files.map(({ path, bytes }) => [path, bytes]), error], [[["täg", 3]], undefined]);
});

Deno.test("TarReader: pax headers say the name and the size of the next entry, and of no other", () => {
  const header = pax("mtime", "1.5") + pax("path", "long/ä=b\nc") + pax("size", "3");
  const archive = tar(
    ...[tarHeader("g", pax("comment", "x").length, "g"), pax("comment", "x")],
    ...[tarHeader("h", new TextEncoder().encode(header).length, "x"), header],
    ...[tarHeader("short", 999, "0"), "abc", tarHeader("second", 2, "0"), "de", END],
  );
  for (const size of PIECES) {
    const { files, error } = read(archive, size);
    assertEquals(error, undefined);
    assertEquals(files.map(({ path, bytes }) => [path, bytes]), [["long/ä=b\nc", 3], ["second", 2]]);
  }
});

Deno.test("TarReader: what is odd is told, and has no data but what its kind has", () => {
  const { files, odd, error } = read(tar(
    // Old archives have a size for links and folders, and no data.
    ...[
      tarHeader("hard", 9, "1"),
      tarHeader("symbolic", 700, "2"),
      tarHeader("device", 5, "3"),
      tarHeader("block", 0, "4"),
    ],
    ...[tarHeader("folder", 40, "5"), tarHeader("old folder/", 0, "0"), tarHeader("pipe", 5, "6")],
    ...[tarHeader("contiguous", 3, "7"), "abc", tarHeader("unknown", 3, "Z"), "abc", tarHeader("V7", 1, "\0"), "x"],
    ...[tarHeader("../out", 1, "0"), "x", tarHeader("/root", 1, "0"), "x", tarHeader("a/../../b", 1, "0"), "x"],
    ...[tarHeader("a..b/..c", 1, "0"), "x", END],
  ));
  assertEquals(error, undefined);
  assertEquals(files.map(({ path, bytes }) => [path, bytes]), [["contiguous", 3], ["V7", 1], ["a..b/..c", 1]]);
  assertEquals(odd, [
    ["hard", "a link"],
    ["symbolic", "a symbolic link"],
    ["device", "a character device"],
    ["block", "a block device"],
    ["pipe", "a pipe"],
    ["unknown", "neither a file nor a folder"],
    ["../out", "a path out of the archive"],
    ["/root", "a path out of the archive"],
    ["a/../../b", "a path out of the archive"],
  ]);
});

Deno.test("TarReader: what POSIX has for the beginning of long names, GNU tar has for times", () => {
  for (const [magic, path] of [["ustar\u000000", "prefix/file"], ["ustar  \0", "file"]]) {
    const header = changed((header) => {
      put(header, 257, magic);
      put(header, 345, "prefix");
    });
    assertEquals(read(tar(header, END)).files.map(({ path }) => path), [path]);
  }
});

Deno.test("TarReader: files that nobody wants are passed over", () => {
  const archive = tar(...[tarHeader("a", 700, "0"), "x".repeat(700), tarHeader("b", 1, "0"), "y", END]);
  assertEquals(read(archive, 7, ({ path }) => path === "b").files.map(({ path }) => path), ["b"]);
});

Deno.test("TarReader: after two blocks of zeros, or at the end of the bytes, there is nothing more", () => {
  const file = [tarHeader("a", 3, "0"), "abc"];
  const more = tar(...file, END, "this is no header", tarHeader("b", 0, "0"));
  for (const size of PIECES) assertEquals([read(more, size).files.length, read(more, size).error], [1, undefined]);
  for (const end of [[], [new Uint8Array(512)], [END]]) assertEquals(read(tar(...file, ...end)).error, undefined);
  // One block of zeros and then something is not the end of an archive.
  assertEquals(
    read(tar(...file, new Uint8Array(512), tarHeader("b", 0, "0"))).error,
    "the archive is damaged: no header of an entry stands where one belongs",
  );
});

/** Name, bytes, the reason. */
const HOSTILE: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(), "it is no tar archive, or an empty one"],
  ["zeros", END, "it is no tar archive, or an empty one"],
  ["text", tar("no archive\n".repeat(100)), "it is no tar archive"],
  ["a block that is cut", tar(tarHeader("a", 0, "0")).subarray(0, 100), "it is no tar archive, or an empty one"],
  ["a pax header of 2^40 bytes", tar(tarHeader("h", 2 ** 40, "x")), `an entry has a header of ${2 ** 40} bytes`],
  ["a global one", tar(tarHeader("h", 2 ** 40, "g")), `an entry has a header of ${2 ** 40} bytes`],
  ["a long name of 2^40 bytes", tar(tarHeader("h", 2 ** 40, "L")), `an entry has a header of ${2 ** 40} bytes`],
  ["a long link of 65537 bytes", tar(tarHeader("h", 65537, "K")), "an entry has a header of 65537 bytes"],
  ["a size of no digits", tar(changed((header) => put(header, 124, "zzzzzzzzzzz"))), "an entry has no size"],
  [
    "a size with digits that are none",
    tar(changed((header) => put(header, 124, "00000000089"))),
    "an entry has no size",
  ],
  ["a size below 0", tar(changed((header) => header.fill(0xff, 124, 136))), "an entry has no size"],
  [
    "a size beyond 2^53",
    tar(changed((header) => (header.fill(0, 124, 136), header.set([0x80, 0, 0, 0, 1], 124)))),
    "an " +
    "entry has no size",
  ],
  [
    "a pax size that is none",
    tar(tarHeader("h", 11, "x"), "11 size=-1\n", tarHeader("a", 0, "0")),
    "an entry has no size",
  ],
  ["a pax size of text", tar(tarHeader("h", 12, "x"), "12 size=1e3\n", tarHeader("a", 0, "0")), "an entry has no size"],
  ["a pax record that is too long", tar(tarHeader("h", 9, "x"), "99 path=a"), "a pax header that is none"],
  ["a pax record that is too short", tar(tarHeader("h", 9, "x"), "1 path=a\n"), "a pax header that is none"],
  ["a pax record of length 0", tar(tarHeader("h", 9, "x"), "0 path=a\n"), "a pax header that is none"],
  ["a pax record below 0", tar(tarHeader("h", 10, "x"), "-5 path=a\n"), "a pax header that is none"],
  ["a pax record without a length", tar(tarHeader("h", 9, "x"), "path=abcd"), "a pax header that is none"],
  [
    "a wrong sum",
    tar(tarHeader("a", 1, "0"), "x", changed(() => {}).map((byte, i) => i === 5 ? byte ^ 1 : byte)),
    "no " +
    "header of an entry stands where one belongs",
  ],
  ["a sum that is none", tar(tarHeader("a", 1, "0").map((byte, i) => i === 150 ? 0x39 : byte)), "it is no tar archive"],
];

for (const [name, bytes, reason] of HOSTILE) {
  Deno.test(`TarReader refuses ${name}`, () => {
    for (const size of [1, 511, 512, 513, 1e6]) {
      const { error } = read(bytes, size);
      assert(error?.includes(reason), `${size}: ${error}`);
    }
  });
}

Deno.test("TarReader: an archive that is cut anywhere ends with an error, but between two entries", () => {
  const long = pax("path", "p".repeat(200));
  const pieces = [
    ...[tarHeader("a", 600, "0"), "x".repeat(600), tarHeader("empty", 0, "0"), tarHeader("h", long.length, "x"), long],
    ...[tarHeader("b", 3, "0"), "abc"],
  ];
  const archive = tar(...pieces);
  const whole = read(archive).files;
  assertEquals(whole.map(({ path }) => path), ["a", "empty", "p".repeat(200)]);
  for (let length = 1; length < archive.length; length++) {
    const { files, error } = read(archive.subarray(0, length));
    const ended = files.filter((file) => file.ended);
    assertEquals(ended, whole.slice(0, ended.length), `cut at ${length}`);
    // The zeros after a file may be missing: all of the file is there.
    const between = [512 + 600, 512 + 1024, 512 + 1024 + 512, archive.length - 512 + 3];
    const mayEnd = length >= between[0] && length <= between[1] || length === between[2] || length >= between[3];
    assertEquals(error === undefined, mayEnd, `cut at ${length}: ${error}`);
    if (error === undefined) assertEquals(ended.length, files.length, `cut at ${length}`);
    if (length < 512 + 600 && length >= 512) {
      assertEquals(error, `it ends within a, ${512 + 600 - length} bytes of that are missing`);
    }
  }
});

Deno.test("TarReader: an archive that was changed anywhere is read or refused, and nothing else", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/${"d".repeat(120)}`);
  for (const name of ["train.rec", "train.idx", `${"d".repeat(120)}/x`]) {
    Deno.writeFileSync(`${folder.path}/${name}`, new Uint8Array(700).fill(65));
  }
  const random = seededRandom(3);
  for (const format of ["gnu", "posix"]) {
    const bytes = run(
      "tar",
      [`--format=${format}`, "-cf", "-", "train.rec", "train.idx", "d".repeat(120)],
      folder.path,
    );
    for (let i = 0; i < 3000; i++) {
      const copy = bytes.slice();
      for (let changes = 1 + random() * 3; changes >= 1; changes--) copy[random() * copy.length] = random() * 256;
      const size = 1 + Math.floor(random() * 2000);
      assertEquals(read(copy, size), read(copy));
    }
  }
});

Deno.test("TarReader: what a handler throws comes through", () => {
  const reader = new TarReader(() => ({
    push() {
      throw new RangeError("no room");
    },
    end() {},
  }), () => {});
  assertThrows(() => reader.push(tar(tarHeader("a", 3, "0"), "abc")), RangeError, "no room");
});
