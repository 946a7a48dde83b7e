import { start } from "./src/offline/start.ts";

if (import.meta.main) Deno.exit(await start(new URL("./src/cli/run.ts", import.meta.url), Deno.args));
