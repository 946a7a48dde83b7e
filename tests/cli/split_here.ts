/** Splits each of its arguments into paths, as they are in the folder that it is started in, and prints them as JSON. */
import { splitAtCommas } from "../../src/cli/path_list.ts";

console.log(JSON.stringify(Deno.args.map(splitAtCommas)));
