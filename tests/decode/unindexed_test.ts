/** An index that lacks lines: whichever they are, nobody is told that all is well. */
import { assert, assertEquals } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { UnrecError } from "../../src/errors.ts";
import { eachImage } from "../../src/sink/sink.ts";
import { openDataset } from "../../src/source/dataset_source.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { DATA, EXPECTED } from "../tree.ts";

/** Decodes a dataset to nowhere; gives how many images it has, or undefined if it is refused, and whether all is well. */
async function decodeAll(folder: string, onError: "stop" | "skip"): Promise<{ images?: number; well: boolean }> {
  try {
    using dataset = await openDataset(folder, { onError });
    const { images, lost } = await decode([dataset], eachImage(() => {}), { onError });
    return { images, well: lost.length === 0 };
  } catch (error) {
    if (error instanceof UnrecError) return { well: false };
    throw error;
  }
}

for (const name of EXPECTED.filter((name) => !name.includes("+"))) {
  Deno.test(`${name}: an index without any one line, or cut at any`, async () => {
    using folder = temporaryFolder();
    Deno.copyFileSync(`${DATA}/${name}/train.rec`, `${folder.path}/train.rec`);
    const lines = Deno.readTextFileSync(`${DATA}/${name}/train.idx`).trimEnd().split("\n");
    const use = (lines: string[]) => Deno.writeTextFileSync(`${folder.path}/train.idx`, `${lines.join("\n")}\n`);
    use(lines);
    const whole = await decodeAll(folder.path, "stop");
    assert(whole.well && whole.images! > 0);
    for (let i = 0; i < lines.length; i++) {
      for (const left of [lines.toSpliced(i, 1), lines.slice(0, i), lines.slice(i)]) {
        if (left.length === lines.length) continue;
        use(left);
        for (const onError of ["stop", "skip"] as const) {
          const { well } = await decodeAll(folder.path, onError);
          assertEquals(well, false, `${onError}, line ${i + 1}, ${left.length} lines left`);
        }
      }
    }
  });
}
