import { readJournal } from "../decode/output_state.ts";
import { sharesIn } from "../decode/shares.ts";
import { UnrecError } from "../errors.ts";
import { namesOfForm } from "../sink/folder_store.ts";
import { NameTemplate, REFERENCE_NAMES } from "../sink/name_template.ts";
import { UsageError } from "./usage_error.ts";

/** Said where the whole of the input is read once more than usual: see {@linkcode readsLabelsFirst}. */
export const LABELS_FIRST = "Reading the labels of all images first, to count those of each label for {index}";

/**
 * Whether all labels have to be read before the first file can be named.
 *
 * @param names How files are named.
 */
export function readsLabelsFirst(names: string): boolean {
  return new NameTemplate(names).fields.has("index");
}

/**
 * Makes sure that files can be named as `--name` says.
 *
 * @param names What it says.
 * @throws {UsageError} If they cannot.
 */
export function checkNames(names: string | undefined): void {
  if (names === undefined) return;
  try {
    new NameTemplate(names);
  } catch (error) {
    throw error instanceof UnrecError ? new UsageError(`--name: ${error.message}`) : error;
  }
}

/**
 * How the files of a tree are named: as its journal says or, without one, as the reference tree has it.
 *
 * @param tree The folder.
 * @param say Told of other names than those of the reference tree.
 * @returns The template.
 * @throws {UnrecError} If the journal cannot be read.
 */
export function namesOfTree(tree: string, say: (message: string) => void): string {
  const [share] = sharesIn(tree);
  const { format = "folder", form } = readJournal(tree, share)?.header.plan ?? {};
  if (format !== "folder") {
    throw new UnrecError(
      `Cannot compare ${tree} with datasets: its journal says that it holds files of the format ${format}`,
    );
  }
  const names = form && namesOfForm(form) || REFERENCE_NAMES;
  if (names !== REFERENCE_NAMES) say(`${tree}: its journal says that files are named ${names}`);
  return names;
}
