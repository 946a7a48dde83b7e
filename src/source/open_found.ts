import { requireChosen } from "../dataset/selection/require_chosen.ts";
import type { Selection } from "../dataset/selection/selection.ts";
import type { FoundSource, Source, SourceOptions } from "./source.ts";

/**
 * Wants only some images of sources.
 *
 * @param found The sources.
 * @param selection Which images, of each dataset by itself; undefined for all.
 */
export function withSelection<Found extends FoundSource>(
  found: readonly Found[],
  selection: Selection | undefined,
): Found[] {
  return selection === undefined ? [...found] : found.map((place) => place.selecting(selection) as Found);
}

/**
 * Opens sources, and makes sure that all is there that was asked for. What streams hold is known only when they were
 * read: there the one who reads makes sure.
 *
 * @param found What is to be read, in order.
 * @param optionsOf How each is read.
 * @param onOpened Told of each when it is open.
 * @returns The sources, in the same order; dispose of them when done.
 * @throws {UnrecError} If one cannot be read, or something that was asked for is in none of them.
 */
export async function openFound(
  found: readonly FoundSource[],
  optionsOf: (place: FoundSource) => SourceOptions,
  onOpened: (source: Source) => void = () => {},
): Promise<Source[]> {
  using opened = new DisposableStack();
  const sources: Source[] = [];
  for (const place of found) {
    const source = opened.use(await place.open(optionsOf(place)));
    sources.push(source);
    onOpened(source);
  }
  if (sources.every(({ imageCount }) => imageCount !== undefined)) {
    requireChosen(sources.flatMap(({ datasets }) => datasets));
  }
  opened.move();
  return sources;
}
