/** File systems that hold only so many folders in one. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "../needs.ts";
import { commandAfter, paste } from "../paste.ts";
import { complaints, runUnrec } from "../run_unrec.ts";
import { mountImage } from "../small_disk.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { treeOf } from "../tree.ts";
import { writeDataset } from "../write_dataset.ts";

/** A folder of an ext3, and of an ext4 made without `dir_nlink`, holds two fewer: its own names count too. */
const MOST_LINKS = 65_000;

/** More inodes than that, and small blocks, for each folder takes one. */
const MANY = ["-b", "1024", "-N", "200000"];

/** Why these file systems cannot be mounted here; undefined if they can. */
const WHY_NOT = Deno.build.os === "linux" && Deno.uid() === 0 ? whyNot() : "only the superuser of a Linux may mount";

function whyNot(): string | undefined {
  using folder = temporaryFolder();
  try {
    mountImage(`${folder.path}/disk`, "ext3")[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** As much of a JPEG as tells that it is one. */
const IMAGE = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);

/** Writes a flat dataset of an image for each label. */
function makeFlat(folder: string, labels: number): string {
  writeDataset(folder, Array.from({ length: labels }, (_, key) => ({ key, label: key, image: IMAGE })));
  return `--include=${folder}`;
}

testUnless(
  WHY_NOT,
  "more labels than a folder holds folders: known before the first file, with names that help",
  async () => {
    using folder = temporaryFolder("/dev/shm");
    const output = `${folder.path}/disk`;
    using _disk = mountImage(output, "ext3", ...MANY);
    const include = makeFlat(`${folder.path}/flat`, MOST_LINKS);
    const refused = await runUnrec(include, `--output=${output}`, "--quiet");
    assertEquals([refused.code, complaints(refused).length], [1, 1], refused.stderr);
    assertStringIncludes(
      refused.stderr,
      `Cannot write 65,000 images to ${output}: they need about 65,000 folders in one, and the file system there, ext3, ` +
        "takes 64,998; spread them over more folders with: ",
    );
    assertEquals(treeOf(output), []);
    const { code, stderr } = await paste(commandAfter(refused.stderr, "spread them over more folders with"));
    assertEquals([code, complaints({ code, stdout: "", stderr })], [0, []]);
    assertEquals(Array.from(Deno.readDirSync(`${output}/64`)).length, 1000);
    const verified = await runUnrec("verify", include, `--output=${output}`, "--quiet");
    assertStringIncludes(verified.stdout, "files that match    65,000 of 65,000 images");
  },
);

testUnless(
  WHY_NOT,
  "more labels than a folder holds folders, where nothing says so: the message does, and what it tells helps",
  async () => {
    using folder = temporaryFolder("/dev/shm");
    const output = `${folder.path}/disk`;
    using _disk = mountImage(output, "ext4", "-O", "^dir_nlink", ...MANY);
    // All but ten are taken; a new ext4 has a folder of its own, lost+found, besides.
    for (let i = 0; i < MOST_LINKS - 2 - 11; i++) Deno.mkdirSync(`${output}/other${i}`);
    const include = makeFlat(`${folder.path}/flat`, 5000);
    const stopped = await runUnrec(include, `--output=${output}`, "--overwrite", "--jobs=1", "--quiet");
    assertEquals([stopped.code, complaints(stopped).length], [1, 1], stopped.stderr);
    assertStringIncludes(
      stopped.stderr,
      `Cannot make the folder ${output}/id_10: the file system takes no more folders in that one. Written before: ` +
        `10 images in ${output}, each whole; spread them over more folders with: `,
    );
    for (let i = 0; i < 10; i++) Deno.removeSync(`${output}/id_${i}`, { recursive: true });
    const { code, stderr } = await paste(commandAfter(stopped.stderr, "spread them over more folders with"));
    assertEquals(code, 0, stderr);
    assertEquals(Deno.readFileSync(`${output}/4/id_4999/4999_4999.jpg`), IMAGE);
  },
);
