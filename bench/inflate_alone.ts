/** Inflates the parts of a gzip file whose paths begin with the argument, and throws the bytes away: a bound for others. */
import { basename, dirname } from "node:path";
import { partsOf } from "../src/source/archive/find_parts.ts";
import { gunzip } from "../src/source/archive/gunzip.ts";
import { PartsReader } from "../src/source/archive/parts_reader.ts";

const first = `${Deno.args[0]}00`;
const names = Array.from(Deno.readDirSync(dirname(first)), ({ name }) => name);
const parts = partsOf(first, names.filter((name) => name.startsWith(basename(Deno.args[0]))));
let bytes = 0;
for await (const piece of gunzip(new PartsReader(parts, undefined), () => {})) bytes += piece.length;
console.log(bytes);
