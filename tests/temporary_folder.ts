/** A folder that is removed at the end of the block: `using folder = temporaryFolder();`. */
export interface TemporaryFolder extends Disposable {
  /** Its absolute path. */
  path: string;
}

/**
 * Makes a temporary folder.
 *
 * @param preferred A directory for it, if there is such a one.
 */
export function temporaryFolder(preferred?: string): TemporaryFolder {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ dir: directory(preferred), prefix: "unrec_test_" }));
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function directory(path: string | undefined): string | undefined {
  try {
    return path !== undefined && Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}
