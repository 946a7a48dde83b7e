/** `unrec verify --decode`: which images cannot be decoded, and which are of another size than most. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { StopFlag } from "../../src/pool/work.ts";
import { startVerifyWork } from "../../src/verify/verify_work.ts";
import { testUnless } from "../needs.ts";
import { complaints, PROJECT, RUN, runUnrec } from "../run_unrec.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA } from "../tree.ts";
import { claiming, CMYK_JPEG, faceImages, GIF, png, SMALL_JPEG, withGap } from "../verify/sample_images.ts";
import { WHY_NOT_DECODED } from "../verify/why_not_decoded.ts";
import { writeDataset } from "../write_dataset.ts";

const WAYS = [
  ["--jobs=1"],
  ["--jobs=2", "--chunk-size=300"],
  ["--jobs=5", "--chunk-size=1K"],
  ["--jobs=2", "--chunk-size=4K", "--engine=ts"],
];

/** Runs `unrec verify --decode --json` in several ways; all must say the same. */
async function verifyDecoding(folder: string) {
  const runs = [];
  for (const way of WAYS) {
    const finished = await runUnrec("verify", "--decode", "--json", "--quiet", `--include=${folder}`, ...way);
    const { datasets: [{ decoded, findings }], ok } = JSON.parse(finished.stdout);
    const said = complaints(finished).map((line) => line.replace(`unrec: ${folder}/train.rec: `, ""));
    runs.push({ code: finished.code, ok, decoded, said, findings });
  }
  for (const other of runs) assertEquals(other, runs[0]);
  return runs[0];
}

/** Writes a flat dataset of images with the keys 1, 2, 3 and so on. */
function write(folder: string, images: readonly Uint8Array[]): void {
  writeDataset(folder, images.map((image, i) => ({ key: i + 1, label: i, image })));
}

testUnless(WHY_NOT_DECODED, "unrec verify --decode: a set that is well", async () => {
  const { code, ok, decoded, said } = await verifyDecoding(`${DATA}/glint_mini`);
  assertEquals([code, ok, said], [0, true, []]);
  assertEquals(decoded, { images: 82, sizes: 1, commonSize: { width: 112, height: 112 }, left: {} });
  const { stdout } = await runUnrec("verify", "--decode", `--include=${DATA}/glint_mini`);
  assertStringIncludes(stdout, "\ndecoded images      82, all of 112 x 112 pixels\n");
  const without = await runUnrec("verify", "--json", `--include=${DATA}/glint_mini`);
  assertEquals(JSON.parse(without.stdout).datasets[0].decoded, null);
});

testUnless(
  WHY_NOT_DECODED,
  "unrec verify --decode: images that fail, that have another size, and that are not decoded",
  async () => {
    using folder = temporaryFolder();
    const faces = await faceImages(12);
    const flipped = png(112, 112);
    flipped[200] ^= 4;
    write(folder.path, [
      ...faces,
      // 13 to 18 fail.
      withGap(faces[0], 500),
      withGap(faces[1], 800),
      flipped,
      claiming(faces[2], 112, 65_000),
      claiming(faces[3], 65_000, 65_000),
      faces[4].slice(0, -100),
      // 19 to 21 are of another size.
      SMALL_JPEG,
      png(20, 30),
      png(112, 113),
      // 22 to 24 are left out, and the last one is well.
      GIF,
      CMYK_JPEG,
      CMYK_JPEG,
      png(112, 112),
    ]);
    const { code, decoded, said, findings } = await verifyDecoding(folder.path);
    const keysOf = (kind: string) => findings[kind].first.map(({ key }: { key: number }) => key);
    assertEquals(findings["undecodable-image"].count, 6);
    assertEquals(keysOf("undecodable-image"), [13, 14, 15, 16, 17]);
    assertEquals(findings["undecodable-image"].first[4].detail, "which would have 65000 x 65000 pixels");
    assertEquals(findings["other-size"].count, 3);
    assertEquals(keysOf("other-size"), [19, 20, 21]);
    assert(said.some((line) => line.startsWith("6 images that cannot be decoded: key 13 at byte ")), said.join("\n"));
    assert(
      said.some((line) => /^3 images of another size than most: key 19 at byte \d+, 16 x 8 pixels; key 20 /.test(line)),
      said.join("\n"),
    );
    assertEquals(decoded, {
      images: 16,
      sizes: 4,
      commonSize: { width: 112, height: 112 },
      left: { "gif": 1, "cmyk-jpeg": 2 },
    });
    assertEquals(code, 1);
    const { stdout } = await runUnrec("verify", "--decode", `--include=${folder.path}`);
    assertStringIncludes(stdout, "\ndecoded images      16, most of 112 x 112 pixels\n");
    assertStringIncludes(stdout, "\nnot decoded         1 GIF, 2 JPEG in the colours of print (CMYK): ");
  },
);

testUnless(WHY_NOT_DECODED, "unrec verify --decode: where no size is that of most, none of them is wrong", async () => {
  using folder = temporaryFolder();
  write(folder.path, [...await faceImages(2), png(20, 30), png(20, 30)]);
  const { code, decoded, findings } = await verifyDecoding(folder.path);
  assertEquals([code, findings], [0, {}]);
  assertEquals(decoded, { images: 4, sizes: 2, commonSize: null, left: {} });
  const { stdout } = await runUnrec("verify", "--decode", `--include=${folder.path}`);
  assertStringIncludes(stdout, "\ndecoded images      4, of 2 sizes, none of them that of most\n");
});

testUnless(WHY_NOT_DECODED, "unrec verify --decode: it can be stopped between any two images", async () => {
  const stop = new StopFlag();
  using work = await startVerifyWork({
    ...{ engine: "wasm", chunkBytes: 2 ** 23, tree: undefined, deep: false, decode: true, md5: false },
    files: [{ kind: "file", path: `${DATA}/glint_mini/train.rec` }],
    stop: stop.word,
  });
  const end = Deno.statSync(`${DATA}/glint_mini/train.rec`).size;
  const task = { dataset: 0, start: 0, end, first: 0, images: undefined, labelShift: 0 };
  const stepsOf = async (most: number) => {
    const steps = work.run(task);
    for (let count = 0;; count++) {
      if ((await steps.next()).done) return count;
      if (count === most) stop.set();
    }
  };
  // A step each, and those that read.
  assert(await stepsOf(Infinity) > 82);
  assertEquals(await stepsOf(7), 8);
});

Deno.test("unrec verify --decode: without a network it says in one line what to do", async () => {
  using folder = temporaryFolder();
  const [run, ...args] = RUN;
  for (const jobs of [1, 2]) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [run, "--cached-only", ...args, "verify", "--decode", `--include=${DATA}/glint_mini`, `--jobs=${jobs}`],
      env: { NO_COLOR: "1", DENO_DIR: folder.path, UNREC_OFFLINE: "1" },
    }).output();
    const lines = new TextDecoder().decode(stderr).trimEnd().split("\n");
    assertEquals([code, new TextDecoder().decode(stdout), lines.length], [1, "", 1], lines.join("\n"));
    const module = `${PROJECT}src/verify/decode_image.ts`;
    assert(lines[0].startsWith("unrec: Cannot decode images: "), lines[0]);
    assert(lines[0].endsWith(` cache ${module}`), lines[0]);
  }
});
