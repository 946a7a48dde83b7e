/** Files that change while they are read: what was read of them may be of two files. */
import { assertEquals, assertRejects } from "@std/assert";
import { decode } from "../../src/decode/decode.ts";
import { UnrecError } from "../../src/errors.ts";
import { folderTree } from "../../src/sink/folder_store.ts";
import { DatasetPlace } from "../../src/source/dataset_source.ts";
import { rebuildIndex } from "../../src/source/rebuild_index.ts";
import { verify } from "../../src/verify/verify.ts";
import { type TemporaryFolder, temporaryFolder } from "../temporary_folder.ts";
import { DATA, expectedTree, treeOf } from "../tree.ts";

function makeSet({ path }: TemporaryFolder): DatasetPlace {
  for (const name of ["train.rec", "train.idx"]) Deno.copyFileSync(`${DATA}/glint_mini/${name}`, `${path}/${name}`);
  return new DatasetPlace(`${path}/train.rec`);
}

/** Ways in which somebody may write to a file without changing what this program reads of it. */
const CHANGES: [string, string, (path: string) => void][] = [
  [
    "more comes",
    "the size of its records went from",
    (path) => Deno.writeFileSync(path, new Uint8Array(4), { append: true }),
  ],
  ["it is written anew", "its records changed", (path) => Deno.utimeSync(path, 1000, 1000)],
  ["it is gone", "the size of its records went from", (path) => Deno.removeSync(path)],
];

for (const [name, what, change] of CHANGES) {
  Deno.test(`decode: ${name} while it is read: that is an error, and nothing counts as done`, async () => {
    using folder = temporaryFolder();
    const place = makeSet(folder);
    const store = folderTree(`${folder.path}/images`);
    using source = await place.open({});
    let changed = false;
    const onProgress = () => {
      if (!changed) change(place.path);
      changed = true;
    };
    await assertRejects(
      () => decode([source], store, { jobs: 1, onProgress }),
      UnrecError,
      `Cannot trust what was read of ${place.path}: ${what}`,
    );
    // When the right file is there again, all is read of it.
    makeSet(folder);
    using again = await place.open({});
    const { images, resumed, alreadyComplete } = await decode([again], folderTree(`${folder.path}/images`), {
      jobs: 1,
    });
    assertEquals([images, resumed.images, alreadyComplete], [82, 0, false]);
    assertEquals(treeOf(`${folder.path}/images`), expectedTree("glint_mini"));
  });

  Deno.test(`verify and index: ${name} while it is read: that is an error, and no index is written`, async () => {
    using folder = temporaryFolder();
    const place = makeSet(folder);
    const options = { engine: "wasm", chunkBytes: 2 ** 20, jobs: 1, tree: undefined, relabel: false } as const;
    const verifying = verify([place], {
      ...{ ...options, decode: false, checksums: false, signal: new AbortController().signal },
      onProgress: () => {},
    });
    change(place.path);
    await assertRejects(() => verifying, UnrecError, name === "it is gone" ? "there is no such file" : what);

    makeSet(folder);
    Deno.writeTextFileSync(`${folder.path}/train.idx`, "another one");
    const indexing = rebuildIndex(place);
    change(place.path);
    await assertRejects(() => indexing, UnrecError, what);
    assertEquals(Deno.readTextFileSync(`${folder.path}/train.idx`), "another one");
    assertEquals(Array.from(Deno.readDirSync(folder.path)).filter(({ name }) => name.includes(".idx.")), []);
  });
}
