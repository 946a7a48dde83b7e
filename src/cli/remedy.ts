import { basename, dirname, join } from "node:path";
import { isUrl } from "../bytes/http_address.ts";
import type { Remedy, UnrecError } from "../errors.ts";
import { type CommandLine, quoted } from "./command_line.ts";
import { optionName } from "./option.ts";
import { selectionOptions } from "./selection_options.ts";

/** A remedy of one kind. */
type Of<Kind extends Remedy["kind"]> = Extract<Remedy, { kind: Kind }>;

/** What each kind of remedy is in words. What is to be run stands at the end, so that it can be pasted. */
const WORDS: { [Kind in Remedy["kind"]]: (remedy: Of<Kind>, line: CommandLine) => string } = {
  "rebuild-index": ({ path, skip = false }, line) => {
    const command = line.of("index", `--include=${datasetOf(path)}`, ...skip ? ["--on-error=skip"] : []);
    return `${skip ? "index the records that are whole" : "rebuild the index"} with: ${command}`;
  },
  "verify": ({ path }, line) => `look for all damage with: ${line.of("verify", `--include=${datasetOf(path)}`)}`,
  "verify-tree": ({ include, output }, line) => {
    const lists = line.valuesOf("labels-from").map((list) => `--labels-from=${list}`);
    const same = ["name", ...Object.keys(selectionOptions).map(optionName)]
      .flatMap((name) => line.valuesOf(name).map((value) => `--${name}=${value}`));
    const options = [...include.map((path) => `--include=${datasetOf(path)}`), ...lists, `--output=${output}`];
    return `see whether it is the tree of the dataset with: ${
      line.of("verify", ...options, ...same, ...line.has("relabel") ? ["--relabel"] : [])
    }`;
  },
  "see-pairs": ({ path }, line) => `see what is in it with: ${line.of("pairs", `--include=${path}`)}`,
  "download-again": ({ path }) => `download ${path} again`,
  "compare-sums": ({ path }, line) =>
    path === undefined
      ? "compare the md5 sums with the published ones"
      : `compare the md5 sum with the published one: ${
        /\.(rec|idx)$/.test(path)
          ? line.of("verify", `--include=${datasetOf(path)}`, "--checksums")
          : `md5sum ${quoted(path)}`
      }`,
  "skip-damage": (_, line) =>
    `${line.command === "ls" ? "list" : "write"} all that is whole with: ${line.again({ add: "--on-error=skip" })}`,
  "restart": (_, line) => `begin anew with: ${line.again({ add: "--restart" })}`,
  "restart-removes": (_, line) => `remove what that run wrote and begin anew with: ${line.again({ add: "--restart" })}`,
  "overwrite": (_, line) => `write among them, over the same names, with: ${line.again({ add: "--overwrite" })}`,
  "replace-file": (_, line) => `replace it with: ${line.again({ add: "--overwrite" })}`,
  "other-output": () => "give another --output",
  "make-room": () => "make room",
  "no-space-check": (_, line) => `begin all the same with: ${line.again({ add: "--no-space-check" })}`,
  "unpack": ({ path }) => `unpack ${path} with tar and give its folder to --include`,
  "unzip": ({ path }) => {
    const folder = join(dirname(path), "unpacked");
    return `give ${quoted(`--include=${folder}`)}, once it is unpacked with: ${shell(["unzip", "-d", folder, path])}`;
  },
  "join-zip": ({ path }) => {
    const whole = join(dirname(path), "joined.zip");
    return `give ${quoted(`--include=${whole}`)}, once it is joined with: ${
      shell(["zip", "-s", "0", path, "--out", whole])
    }`;
  },
  "join-parts": ({ parts, to }) => {
    const whole = join(dirname(parts[0]), to);
    return `give ${quoted(`--include=${whole}`)}, once they are joined with: ${shell(["cat", "--", ...parts])} >${
      quoted(whole)
    }`;
  },
  "pipe": ({ commands }, line) => {
    const again = line.again({ add: "--include=-", drop: ["-i"] });
    return `decode it with: ${[...commands.map((words) => shell(words)), again].join(" | ")}`;
  },
  "no-checksum": (_, line) =>
    `decode it all the same with: ${line.again({ add: "--no-checksum", drop: ["--checksums"] })}`,
  "other-keep-rec": () => "give another --keep-rec",
  "keep-columns": ({ path }) =>
    "make a list of key and label and give --labels-from=labels.txt; if they are the first and the third column, " +
    `with: awk '{ print $1, $3 }' ${quoted(path)} >labels.txt`,
  "other-names": ({ names }, line) =>
    `spread them over more folders with: ${line.again({ add: `--name=${names}` })} --restart`,
  "other-layout": ({ layout }, line) =>
    `write all anew in the ${layout} layout with: ${line.again({ add: `--layout=${layout}` })} --restart`,
  "other-format": () => "write files in place of records: give --format=folder and another --output",
  "as-labels": ({ path }) => `give a list of labels with its dataset: ${quoted(`--labels-from=${path}`)}`,
  "include": ({ path }) => `give ${quoted(`--include=${path}`)}`,
  "rename": ({ path, to }) =>
    `give ${quoted(`--include=${to}`)} in place of it, once it is renamed with: ${shell(["mv", "-n", "--", path, to])}`,
  "swap-names": ({ paths: [a, b] }) => {
    const moves = [[a, `${a}.swapped`], [b, a], [`${a}.swapped`, b]];
    return `give them each other's names with: ${shell(...moves.map((names) => ["mv", "-n", "--", ...names]))}`;
  },
  "inflate": ({ path, inflater, ending }) => {
    const compressed = path.endsWith(ending) ? path : `${path}${ending}`;
    const rename = path === compressed ? [] : [["mv", "-n", "--", path, compressed]];
    return `inflate it with: ${shell(...rename, [inflater, "-d", "--", compressed])}`;
  },
  "unpack-with-7z": ({ path }) => {
    const folder = join(dirname(path), "unpacked");
    return `give ${quoted(`--include=${folder}`)}, once it is unpacked with: ${
      shell(["7z", "x", `-o${folder}`, "--", path])
    }`;
  },
  "fetch-with-lfs": ({ path }) => `fetch that with: ${shell(["git", "-C", dirname(path), "lfs", "pull"])}`,
  "download": ({ url }) => `download ${url} and its index, and give their folder to --include`,
  "give-access": () =>
    "give what opens it, with --header='Authorization: Bearer ...', or for the Hub of Hugging Face in HF_TOKEN",
  "permit-net": () => "start Deno with --allow-net as well",
  "fetch": ({ module }, line) => `fetch it once, where there is a network, with: ${line.fetching(module)}`,
  "fewer-jobs": ({ jobs }) => `use fewer threads: give --jobs=${jobs}`,
  "run-again": (_, line) => `when that is put right, the same command goes on from there: ${line.again()}`,
  "store-in-file": ({ why }) =>
    `${why === undefined ? "" : `${why}, so `}store it in a file and give that to --include`,
  "text": ({ text }) => text,
};

/**
 * Words an error: what went wrong, and what can be done about it.
 *
 * @param error The error.
 * @param line How this process was started.
 * @returns A line without its last full stop.
 */
export function wordError({ message, remedies }: UnrecError, line: CommandLine): string {
  let text = message;
  const possible = remedies.filter(({ kind }) => isFor(kind, line.command));
  const words = new Map(possible.map((remedy) => [wordRemedy(remedy, line), remedy.kind]));
  for (const [i, [word, kind]] of [...words].entries()) {
    // Doing it again comes after the others; these are choices.
    const joint = i === 0 || kind === "run-again" ? "; " : ", or ";
    text += joint + word;
  }
  return text;
}

/** Commands that leave out what is damaged where they are told to. */
const SKIPPING = ["decode", "ls"];

/** Remedies that change a file, or get another one: where it is at a URL, that takes a copy of it here. */
const AT_URL: ReadonlySet<Remedy["kind"]> = new Set<Remedy["kind"]>(
  ["rebuild-index", "download-again", "inflate", "rename", "unpack-with-7z", "fetch-with-lfs", "unzip"],
);

/** Whether a remedy is one for who runs a command: what verify finds is not told to be looked for with verify. */
function isFor(kind: Remedy["kind"], command: string): boolean {
  if (kind === "skip-damage") return SKIPPING.includes(command);
  // What is put together from shares is laid out as they have written it.
  if (kind === "other-layout") return command !== "finish";
  return kind !== "verify" || command !== "verify";
}

/**
 * Words a remedy.
 *
 * @param remedy What can be done.
 * @param line How this process was started.
 * @returns Words that go on a sentence.
 */
export function wordRemedy<Kind extends Remedy["kind"]>(remedy: Of<Kind>, line: CommandLine): string {
  if (AT_URL.has(remedy.kind) && "path" in remedy && isUrl(remedy.path ?? "")) {
    return `download ${remedy.path} and what belongs to it, and see what is said of these files`;
  }
  return WORDS[remedy.kind as Kind](remedy, line);
}

/** Commands of other programs, each to be run if the one before it worked. */
function shell(...commands: readonly (readonly string[])[]): string {
  return commands.map((words) => words.map(quoted).join(" ")).join(" && ");
}

/** How `--include` names the dataset of a `.rec` or `.idx` file. */
function datasetOf(path: string): string {
  const records = path.replace(/\.idx$/, ".rec");
  return basename(records) === "train.rec" ? dirname(records) : records;
}
