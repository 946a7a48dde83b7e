import { labelName } from "./label_name.ts";

/**
 * Where a {@linkcode FolderSink} puts an image.
 *
 * @param output The output folder.
 * @param label Its label.
 * @param ordinal Its number.
 */
export function imagePath(output: string, label: number, ordinal: number): string {
  const name = labelName(label);
  return `${output}/id_${name}/${name}_${ordinal}.jpg`;
}
