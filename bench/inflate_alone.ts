/** Inflates the parts of a gzip file whose paths begin with the argument, and throws the bytes away: a bound for others. */
import { findArchives } from "../src/archive/find_archive.ts";
import { gunzip } from "../src/archive/gunzip.ts";
import { PartsReader } from "../src/archive/parts_reader.ts";

const [parts] = findArchives(`${Deno.args[0]}00`)!;
let bytes = 0;
for await (const piece of gunzip(new PartsReader(parts, undefined))) bytes += piece.length;
console.log(bytes);
