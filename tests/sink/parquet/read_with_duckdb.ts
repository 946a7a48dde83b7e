/**
 * Reads Parquet files of images with DuckDB, from npm, and prints a line of JSON for each: the rows of a
 * `ParquetContent`.
 *
 *     deno run -A --no-config --no-lock tests/sink/parquet/read_with_duckdb.ts [FILE...]
 *
 * It is a process of its own, so that the library, 70 MB of machine code, stays out of `deno.json` and the lock file.
 * Without arguments it only looks whether it can be had.
 */

/** Not a literal where it is imported: a type check would download that. */
const DUCKDB: string = "npm:@duckdb/node-api@1.5.6-r.1";

/** What is used of it. */
interface DuckDb {
  DuckDBInstance: { create(path: ":memory:"): Promise<{ connect(): Promise<Connection> }> };
}
interface Connection {
  runAndReadAll(sql: string, values: string[]): Promise<{ getRowsJson(): [string, string, string][] }>;
}

const { DuckDBInstance }: DuckDb = await import(DUCKDB);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
for (const path of Deno.args) {
  const result = await connection.runAndReadAll(
    "select sha256(image.bytes), image.path, label from read_parquet(?, file_row_number = true) order by file_row_number",
    [path],
  );
  console.log(JSON.stringify({ rows: result.getRowsJson().map(([sum, path, label]) => [sum, path, Number(label)]) }));
}
