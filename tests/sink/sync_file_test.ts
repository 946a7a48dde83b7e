import { assertThrows } from "@std/assert";
import { UnrecError } from "../../src/errors.ts";
import { syncFile, syncFolder } from "../../src/sink/sync_file.ts";
import { testUnless } from "../needs.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const WHY_NOT = Deno.build.os === "linux" ? undefined : "only Linux has such files and folders";

testUnless(
  WHY_NOT,
  "syncFile, syncFolder: they ask the system, which says no where there is nothing to wait for",
  () => {
    using folder = temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/file`, "");
    syncFile(`${folder.path}/file`);
    syncFolder(folder.path);
    // These can be opened, and closed again; only waiting for them is an error.
    assertThrows(() => syncFile("/dev/null"), UnrecError, "Cannot make /dev/null durable: ");
    assertThrows(() => syncFolder("/proc"), UnrecError, "Cannot make /proc durable: ");
  },
);
