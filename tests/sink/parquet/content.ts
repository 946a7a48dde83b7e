/** What Parquet files of images hold, as libraries read them that the project does not write with. */
import { join } from "node:path";
import { NO_DOWNLOAD, runDeno } from "../../run_deno.ts";
import { PROJECT } from "../../run_unrec.ts";

/** What is in a Parquet file of images. */
export interface ParquetContent {
  /** For each row the sum of the image, its path, and the label. */
  rows: [sha256: string, path: string, label: number][];
  /** The columns, depth first. */
  schema: { name: string; type?: string; repetition_type?: string; converted_type?: string; num_children?: number }[];
  /** What is said of the whole file. */
  metadata: Record<string, string>;
  /** Its row groups. */
  groups: { rows: number; bytes: number }[];
  /** How columns are compressed. */
  codecs: string[];
  /** How values are encoded. */
  encodings: string[];
}

/** What a reader tells of a file. */
export interface Reader<Content> {
  /** Why it cannot be asked here; undefined if it can. */
  whyNot: string | undefined;
  /** Asks it. */
  read(paths: string[]): Promise<Content[]>;
}

/** The library that reads what hyparquet-writer writes. */
export const HYPARQUET: Reader<ParquetContent> = await reader("hyparquet");

/** A database that reads Parquet: nobody who wrote it had a part in hyparquet. It gives rows alone. */
export const DUCKDB: Reader<Pick<ParquetContent, "rows">> = await reader("duckdb");

async function reader<Content>(name: string): Promise<Reader<Content>> {
  const script = ["run", "-A", "--no-config", "--no-lock", join(PROJECT, `tests/sink/parquet/read_with_${name}.ts`)];
  const { success, stderr } = await runDeno(script);
  return {
    whyNot: !success && NO_DOWNLOAD.test(stderr) ? `${name} cannot be downloaded here` : undefined,
    async read(paths) {
      const { success, stdout, stderr } = await runDeno([...script, ...paths]);
      if (!success) throw new Error(stderr);
      return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    },
  };
}
