import { choice, count, flag, type Option, paths, size } from "./option.ts";

/** `--jobs`: how many threads. */
export const jobs: Option<number> = count({ least: 1, most: 256, default: navigator.hardwareConcurrency }, {
  short: "j",
  value: "N",
  help: "threads that read and write (default: the machine's cores)",
});

/** `--labels-from`: lists that tell labels. */
export const labelsFrom: Option<readonly string[]> = paths({
  value: "FILE",
  help: "take labels from a list beside the dataset, not from the images' headers",
  more:
    "take labels from a list beside the dataset, where those in the images' headers are not the people. With several " +
    "datasets a list for each, in the same order. `unrec help labels` says what a list looks like",
});

/** `--overwrite`: what is there is written over. */
export const overwrite: Option<boolean> = flag({
  help: "write to a folder that holds files, over those of the same names",
  more: "write to a folder that holds files, over those of the same names; the others stay",
});

/** `--quiet`: no progress. */
export const quiet: Option<boolean> = flag({
  short: "q",
  help: "show no progress",
  more: "show no progress; warnings, errors and the summary stay",
});

/** `--engine`: which scanners. */
export const engine: Option<"wasm" | "ts"> = choice(["wasm", "ts"], {
  help: "what scans the files: WebAssembly (default), or the same in TypeScript",
});

/** `--chunk-size`: bytes read at once. */
export const chunkSize: Option<number> = size({ least: "256", most: "256M", default: "8M" }, {
  value: "BYTES",
  help: "how much is read at once (default: 8M); K and M are understood",
});
