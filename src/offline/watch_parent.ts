/**
 * Ends this process when the one that started it is gone. To be loaded with `--preload`, with the parent's process id:
 * `watch_parent.ts?parent=123`. An orphan gets another parent on every system but Windows.
 */

const parent = Number(new URL(import.meta.url).searchParams.get("parent"));
const exitCode = 128 + 9;

const timer = setInterval(() => {
  if (Deno.ppid !== parent) Deno.exit(exitCode);
}, 500);
Deno.unrefTimer(timer);
