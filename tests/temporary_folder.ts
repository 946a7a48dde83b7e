/** A folder that is removed at the end of the block: `using folder = temporaryFolder();`. */
export interface TemporaryFolder extends Disposable {
  /** Its absolute path. */
  path: string;
}

/** Makes a temporary folder. */
export function temporaryFolder(): TemporaryFolder {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "unrec_test_" }));
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
