import { UnrecError } from "../errors.ts";
import type { NameTemplate } from "./name_template.ts";
import type { AskedField, SourceFacts } from "./sink.ts";

/**
 * What names are made of that has to be asked for.
 *
 * @param names How images are named.
 */
export function askedBy(names: NameTemplate): AskedField[] {
  return (["key", "identity", "index"] as const).filter((field) => names.fields.has(field));
}

/**
 * Makes sure that what is read can be named so.
 *
 * @param names How images are named.
 * @param sources All that is read.
 * @throws {UnrecError} If it cannot.
 */
export function checkNames(names: NameTemplate, sources: readonly SourceFacts[]): void {
  const { text, isByKey } = names;
  const what = `Cannot name files by ${text}`;
  for (const { path, streamed, datasets } of sources) {
    const flat = datasets.some(({ layout }) => layout.kind === "flat");
    for (const field of askedBy(names)) {
      if (streamed && field !== "index") {
        throw new UnrecError(`${what}: an archive tells no {${field}} before its end, and ${path} is one`, {
          kind: "unpack",
          path,
        });
      }
      if (streamed && sources.length > 1) {
        throw new UnrecError(
          `${what}: the images of each label are counted over all datasets, which cannot be done before the end of ` +
            `the archive ${path}`,
          { kind: "unpack", path },
        );
      }
      if (flat && field === "identity") {
        throw new UnrecError(`${what}: ${path} has no identity records, so its images have no {identity}`);
      }
    }
    if (!isByKey) continue;
    if (sources.length > 1) {
      throw new UnrecError(`${what}: two datasets can have the same keys, so add {number}, or {label} and {index}`);
    }
    const twice = datasets.reduce((sum, { layout }) => sum + layout.repeatedImages, 0);
    if (twice > 0) {
      throw new UnrecError(
        `${what}: in ${path} ${twice} ${twice === 1 ? "image is" : "images are"} named by two identity records and ` +
          "written for both, under one key; add {number}",
      );
    }
  }
}
