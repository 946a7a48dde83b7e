import { decode } from "../decode/decode.ts";
import { UnrecError } from "../errors.ts";
import { eachImage } from "../sink/sink.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { openFound, withSelection } from "../source/open_found.ts";
import type { GetGiven } from "./get.ts";
import { ImageOutput } from "./image_output.ts";
import { lossLines } from "./lost_report.ts";
import { counted } from "./numbers.ts";
import { LABELS_TO_CHOOSE } from "./selection_options.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Writes all images of a label.
 *
 * @param place The dataset.
 * @param label The label.
 * @param given What the command line gives.
 * @param terminal Where to say things, and images go.
 * @returns The exit code.
 * @throws {UnrecError} If there is none, or one cannot be read or written.
 */
export async function getLabel(
  place: DatasetPlace,
  label: number,
  given: GetGiven,
  terminal: Terminal,
): Promise<number> {
  const { engine, output } = given;
  terminal.say(LABELS_TO_CHOOSE);
  const [source] = await openFound(withSelection([place], { labels: [[label, label]] }), () => ({ engine }));
  using _ = source;
  const images = source.imageCount!;
  if (output === undefined && images > 1) {
    throw new UnrecError(
      `Cannot write the images of label ${label} of ${place.path} to the standard output: there are ${
        counted(images, "image")
      }`,
      { kind: "text", text: "give a folder for them, --output=DIR" },
    );
  }
  const to = new ImageOutput(given, images > 1, place, terminal);
  const keys = new Set<number>();
  const { lost } = await decode(
    [source],
    eachImage(({ key, bytes }) => {
      // Two identity records can name one image.
      if (keys.has(key!)) return;
      keys.add(key!);
      if (bytes.length === 0) {
        throw new UnrecError(`Cannot get the image of key ${key} of ${place.path}: its record has no image`);
      }
      to.put({ key: key!, bytes });
    }),
  );
  for (const loss of lost) lossLines(loss, terminal.commandLine, "stop").forEach((line) => terminal.say(line));
  return lost.length === 0 ? 0 : 1;
}
