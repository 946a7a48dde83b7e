import { OPTIONS } from "./options.ts";

/** The help text: lines of at most 90 characters, the last one without a line feed. */
export function helpText(): string {
  const rows = Object.entries(OPTIONS).map(([name, { value, short, help }]) => {
    const left = `  ${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : `=${value}`}`;
    return help.map((line, i) => `${(i === 0 ? left : "").padEnd(26)}  ${line}`).join("\n");
  });
  return `unrec writes the images of MXNet RecordIO datasets (train.rec, train.idx) as files,
DIR/id_<label>/<label>_<number>.jpg, every byte as it is stored.

  unrec --include=DIR[,DIR...] --output=DIR

Options:
${rows.join("\n")}

Exit code: 0 all images are written, 1 not all, 2 wrong usage, 130 or 143 stopped by a signal.`;
}
