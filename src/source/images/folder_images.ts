import { relative } from "node:path";
import { UnrecError } from "../../errors.ts";
import { isExactKey } from "../../recordio/float32_keys.ts";
import { type FoundImages, type ImageFile, type ImageGroup, isImageName, labelInName } from "./image_groups.ts";
import { ImageSizes } from "./image_sizes.ts";
import { NameSum } from "./name_sum.ts";
import { naturalOrder } from "./natural_order.ts";
import { unreadable } from "./unreadable.ts";

/** So many files are named that are not read. */
const MOST_NAMED = 3;

/** No tree of people has so many folders in folders. */
const MOST_LEVELS = 16;

/** The images of a person. */
interface PersonFolder {
  /** Its path. */
  path: string;
  /** Bytes of its images, in their order. */
  sizes: number[];
}

/**
 * Whether there are images in the folders of a folder.
 *
 * @param root The folder.
 */
export function hasImageFolders(root: string): boolean {
  return entriesOf(root).some(({ path, isFolder }) => isFolder && hasImages(path, 1));
}

function hasImages(folder: string, level: number): boolean {
  const entries = entriesOf(folder);
  return entries.some(({ path, isFolder }) => !isFolder && isImageName(path)) ||
    level < MOST_LEVELS && entries.some(({ path, isFolder }) => isFolder && hasImages(path, level + 1));
}

/**
 * Looks at all images of a folder that has a folder for each person.
 *
 * @param root The folder.
 * @returns What there is: people in the order of their labels, the images of each in that of the numbers in their names.
 * @throws {UnrecError} If a folder or an image cannot be looked at, or a label is none that a record holds.
 */
export function findFolderImages(root: string): FoundImages {
  const people: PersonFolder[] = [];
  const left = { count: 0, first: [] as string[] };
  const sizes = new ImageSizes();
  const names = new NameSum();
  const walk = (folder: string, level: number) => {
    const images: string[] = [];
    const folders: string[] = [];
    const others: string[] = [];
    for (const { path, isFolder } of entriesOf(folder)) {
      if (isFolder) folders.push(path);
      else if (level > 0 && isImageName(path)) images.push(path);
      else others.push(path);
    }
    left.count += others.length;
    left.first.push(...others.sort(naturalOrder).slice(0, MOST_NAMED - left.first.length));
    if (images.length > 0) {
      images.sort(naturalOrder);
      names.addName(relative(root, folder));
      const own = images.map((path) => sizes.look(path));
      for (const [i, path] of images.entries()) {
        names.addName(path.slice(folder.length));
        names.addSize(own[i]);
      }
      people.push({ path: folder, sizes: own });
    }
    if (level === MOST_LEVELS) {
      throw new UnrecError(
        `Cannot read the images of ${root}: it has ${level} folders in each other, such as ${folder}; does a link lead ` +
          "in a circle?",
      );
    }
    // In an order of its own, and not in that of the file system: the same files are named on every machine.
    for (const path of folders.sort(naturalOrder)) walk(path, level + 1);
  };
  walk(root, 0);
  const { ordered, classes, unlike } = labelled(root, people);
  for (const { sizes: own } of ordered) sizes.add(own);
  const labels = new Float64Array(sizes.count);
  let first = 0;
  for (const { label, sizes: own } of ordered) labels.fill(label, first, first += own.length);
  return {
    groups: ordered.map(({ path, label, sizes }) => ({
      group: { kind: "folder", path, label },
      images: sizes.length,
    })),
    sizes: sizes.all,
    names: names.hex,
    changed: sizes.changed,
    labels,
    classes,
    unlike,
    labelsALine: 1,
    left,
  };
}

/**
 * The images of a group.
 *
 * @param group A person's folder.
 * @returns Its images in their order.
 * @throws {UnrecError} If nobody may look into it.
 */
export function imagesOfFolder({ path, label }: ImageGroup & { kind: "folder" }): ImageFile[] {
  const paths = entriesOf(path).filter(({ path, isFolder }) => !isFolder && isImageName(path)).map(({ path }) => path);
  return paths.sort(naturalOrder).map((path) => ({ path, label }));
}

/** Gives people their labels: the numbers in the names of their folders, or where there are others, their places. */
function labelled(root: string, people: readonly PersonFolder[]) {
  const numbers = people.map(({ path }) => labelInName(path));
  if (!numbers.some(Number.isNaN)) {
    const wrong = numbers.findIndex((label) => !Number.isSafeInteger(label) || !isExactKey(label));
    if (wrong >= 0) {
      throw new UnrecError(
        `Cannot take the label of ${people[wrong].path} from its name: records hold labels as float32, which rounds it`,
        { kind: "text", text: "give the folder a number up to 16,777,216" },
      );
    }
    const ordered = people.map((person, i) => ({ ...person, label: numbers[i] }));
    ordered.sort((a, b) => a.label - b.label || naturalOrder(a.path, b.path));
    return { ordered, classes: undefined, unlike: undefined };
  }
  const encoder = new TextEncoder();
  const named = people.map((person) => {
    const name = relative(root, person.path);
    return { ...person, name, bytes: encoder.encode(name) };
  });
  named.sort((a, b) => compareBytes(a.bytes, b.bytes));
  return {
    ordered: named.map((person, label) => ({ ...person, label })),
    classes: named.map(({ name }) => name),
    unlike: numbers.every(Number.isNaN) ? undefined : named.find(({ path }) => Number.isNaN(labelInName(path)))!.name,
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** What is in a folder, links followed; not what begins with a dot. */
function entriesOf(folder: string): { path: string; isFolder: boolean }[] {
  try {
    return Array.from(Deno.readDirSync(folder)).filter(({ name }) => !name.startsWith(".") && name !== "lost+found")
      .map(({ name, isDirectory, isSymlink }) => {
        const path = `${folder}/${name}`;
        return { path, isFolder: isSymlink ? leadsToFolder(path) : isDirectory };
      });
  } catch (error) {
    throw unreadable(`Cannot list the files of ${folder}`, folder, error);
  }
}

function leadsToFolder(link: string): boolean {
  try {
    return Deno.statSync(link).isDirectory;
  } catch {
    // It leads nowhere, or in a circle.
    return false;
  }
}
