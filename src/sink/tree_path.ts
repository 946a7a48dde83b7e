/**
 * The names in the reference tree, `id_<label>/<label>_<number>.jpg`: how they are made, and how they are read.
 *
 * @module
 */

/**
 * Writes a label as Python's `"%d" % int(label)` does: all digits, never an exponent.
 *
 * @param label A finite whole number.
 * @returns Its decimal digits.
 */
export function labelName(label: number): string {
  // The sum turns -0 into 0.
  return Number.isSafeInteger(label) ? String(label + 0) : BigInt(label).toString();
}

/**
 * The folder of a label.
 *
 * @param label A finite whole number.
 */
export function folderName(label: number): string {
  return `id_${labelName(label)}`;
}

/**
 * The file of an image, as a path within the tree.
 *
 * @param label Its label.
 * @param number Its number.
 */
export function imagePath(label: number, number: number): string {
  return `${folderName(label)}/${imageName(labelName(label), number)}`;
}

/**
 * The file of an image within the folder of its label.
 *
 * @param label The digits of its label.
 * @param number Its number.
 */
export function imageName(label: string, number: number): string {
  return `${label}_${number}.jpg`;
}

/**
 * Reads the name of a folder.
 *
 * @param name Any name.
 * @returns The label; undefined if no label's folder has this name.
 */
export function labelOfFolder(name: string): number | undefined {
  const label = Number(/^id_(-?\d+)$/.exec(name)?.[1]);
  return Number.isFinite(label) && folderName(label) === name ? label : undefined;
}

/**
 * Reads the name of a file in the folder of a label.
 *
 * @param name Any name.
 * @param label The label.
 * @returns The number of the image; undefined if no image of that label has this name.
 */
export function numberOfImage(name: string, label: number): number | undefined {
  const number = Number(/_(\d{1,16})\.jpg$/.exec(name)?.[1]);
  return Number.isSafeInteger(number) && imageName(labelName(label), number) === name ? number : undefined;
}
