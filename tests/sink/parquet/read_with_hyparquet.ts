/**
 * Reads Parquet files of images with hyparquet, a library of npm, and prints a line of JSON for each: a
 * {@linkcode ParquetContent}.
 *
 *     deno run -A --no-config --no-lock tests/sink/parquet/read_with_hyparquet.ts [FILE...]
 *
 * It is a process of its own, so that the library stays out of `deno.json` and the lock file. Without arguments it only
 * looks whether it can be had.
 */
import { createHash } from "node:crypto";
import type { ParquetContent } from "./content.ts";

/** Not a literal where it is imported: a type check would download that. */
const HYPARQUET: string = "npm:hyparquet@1.33.0";

/** A column of a row group. */
interface Chunk {
  meta_data: { codec: string; encodings: string[]; path_in_schema: string[]; total_compressed_size: bigint };
}

/** What is used of it. */
interface Hyparquet {
  parquetMetadata(file: ArrayBuffer): {
    schema: ParquetContent["schema"];
    key_value_metadata?: { key: string; value?: string }[];
    row_groups: { num_rows: bigint; total_byte_size: bigint; columns: Chunk[] }[];
  };
  parquetReadObjects(options: { file: ArrayBuffer; utf8: false }): Promise<
    { image: { bytes: Uint8Array; path: string }; label: bigint }[]
  >;
}

const { parquetMetadata, parquetReadObjects }: Hyparquet = await import(HYPARQUET);
for (const path of Deno.args) {
  const file = Deno.readFileSync(path).buffer;
  const { schema, key_value_metadata: pairs = [], row_groups: groups } = parquetMetadata(file);
  const rows = await parquetReadObjects({ file, utf8: false });
  const columns = groups.flatMap(({ columns }) => columns);
  const content: ParquetContent = {
    rows: rows.map(({ image, label }) => [
      createHash("sha256").update(image.bytes).digest("hex"),
      image.path,
      Number(label),
    ]),
    schema: schema.map(({ name, type, repetition_type, converted_type, num_children }) => ({
      ...{ name, type, repetition_type, converted_type, num_children },
    })),
    metadata: Object.fromEntries(pairs.map(({ key, value = "" }) => [key, value])),
    groups: groups.map(({ num_rows, total_byte_size }) => ({ rows: Number(num_rows), bytes: Number(total_byte_size) })),
    codecs: [...new Set(columns.map(({ meta_data }) => meta_data.codec))],
    encodings: [...new Set(columns.flatMap(({ meta_data }) => meta_data.encodings))],
  };
  console.log(JSON.stringify(content));
}
