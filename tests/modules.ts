/** The modules of `src/` as a graph, for tests of how they hang together. */
import { join, relative } from "node:path";
import { PROJECT } from "./run_unrec.ts";

/** A module. */
export interface Module {
  /** Its text without comments. */
  code: string;
  /** What it imports, types included: paths below `src/`, and the names of packages as they stand. */
  imports: string[];
  /** Those of them that are loaded when it is: neither types nor what is asked for later. */
  loads: string[];
}

/** All modules of `src/` by their paths below it. */
export function modulesOfSource(): Map<string, Module> {
  const source = join(PROJECT, "src");
  const modules = new Map<string, Module>();
  const walk = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const path = join(folder, name);
      if (isDirectory) walk(path);
      else if (name.endsWith(".ts")) {
        modules.set(relative(source, path), readModule(relative(source, path), Deno.readTextFileSync(path)));
      }
    }
  };
  walk(source);
  return modules;
}

/** A module from its text. */
export function readModule(path: string, text: string): Module {
  const code = withoutComments(text);
  const named = (pattern: RegExp) => {
    const names = Array.from(
      code.matchAll(pattern),
      ([, name]) => name.startsWith(".") ? join(path, "..", name) : name,
    );
    return [...new Set(names)];
  };
  return {
    code,
    imports: named(/\b(?:from\s*|import\s*\(?\s*)"([^"]+)"/g),
    loads: named(/^(?:import|export)\s+(?!type\b)(?:[\w\s{},*]+?\bfrom\s*)?"([^"]+)"/gm),
  };
}

/** What is loaded with some modules, themselves included. */
export function loadedWith(modules: ReadonlyMap<string, Module>, roots: readonly string[]): Set<string> {
  const loaded = new Set(roots);
  for (const path of loaded) modules.get(path)?.loads.forEach((next) => loaded.add(next));
  return loaded;
}

/** Modules that import one another in a circle, the first one again at the end; undefined if there is none. */
export function findCircle(modules: ReadonlyMap<string, Module>): string[] | undefined {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    way.push(path);
    for (const next of modules.get(path)?.imports ?? []) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    way.pop();
    done.add(path);
    return undefined;
  };
  for (const path of modules.keys()) {
    const circle = visit(path);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Strings are matched first, so that what looks like a comment within one stays. */
function withoutComments(text: string): string {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/.*/g,
    (_, string: string | undefined) => string ?? " ",
  );
}
