/**
 * Removes a file.
 *
 * @param path The file; there need be none.
 * @throws {Error} What the system says.
 */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
