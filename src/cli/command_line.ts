import { withoutSecrets } from "../bytes/http_address.ts";
// Without node:path and node:url, which take longer to load than all the rest that `--help` needs.
import { isPrintable } from "./printable.ts";

/** Characters that no shell makes anything of. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** The most bytes that a script which starts a program has. */
const MOST_SCRIPT = 65_536;

/** The command line of this process: what people are told to run next begins as this one did, but for secrets. */
export class CommandLine {
  readonly #args: readonly string[];
  #program: readonly string[] | undefined;

  /**
   * Takes the command line.
   *
   * @param args The arguments, without the program.
   * @param program How the program is started; found out when first needed if not given.
   */
  constructor(args: readonly string[], program?: readonly string[]) {
    this.#args = args.map((arg, i) => {
      const isHeader = arg.startsWith("--header=") || args[i - 1] === "--header";
      return isHeader ? arg.replace(/:.*$/s, ": ...") : withoutSecrets(arg);
    });
    this.#program = program;
  }

  /** The command that is named; decode if none is. */
  get command(): string {
    const [first] = this.#args;
    return first === undefined || first.startsWith("-") ? "decode" : first;
  }

  /**
   * A command of this program, to be pasted into a shell.
   *
   * @param args The command and its options, unquoted.
   * @returns All of the line.
   */
  of(...args: string[]): string {
    this.#program ??= findProgram();
    return [...this.#program, ...args].map(quoted).join(" ");
  }

  /**
   * A command of Deno that fetches what a module imports, to be pasted into a shell.
   *
   * @param module Its URL.
   * @returns All of the line.
   */
  fetching(module: string): string {
    return [findDeno(), "cache", pathOf(module)].map(quoted).join(" ");
  }

  /**
   * This very command, to be pasted into a shell; without `--restart`, which would begin anew each time.
   *
   * @param change An option to give as well, such as `--on-error=skip`; and the names of options to leave out, such as
   * `--checksums`.
   * @returns All of the line.
   */
  again({ add, drop = [] }: { add?: string; drop?: readonly string[] } = {}): string {
    const dropped = ["--restart", ...drop, ...add === undefined ? [] : [add.split("=", 1)[0]]];
    const kept = this.#args.filter((arg, i) => {
      const isValue = !arg.startsWith("-") && dropped.includes(this.#args[i - 1]);
      return !isValue && !dropped.includes(arg.split("=", 1)[0]);
    });
    return this.of(...kept, ...add === undefined ? [] : [add]);
  }

  /**
   * The values of an option, as they are given.
   *
   * @param name Its name, such as `labels-from`.
   * @returns What stands after `=` or comes as the next word; none if it is not given.
   */
  valuesOf(name: string): string[] {
    return this.#args.flatMap((arg, i) => {
      if (arg.startsWith(`--${name}=`)) return [arg.slice(name.length + 3)];
      return this.#args[i - 1] === `--${name}` ? [arg] : [];
    });
  }

  /**
   * Whether an option without a value is given.
   *
   * @param name Its name, such as `relabel`.
   * @returns Whether it is.
   */
  has(name: string): boolean {
    return this.#args.includes(`--${name}`);
  }
}

/**
 * A word as a shell reads it back.
 *
 * @param word Any text.
 * @returns The same in quotes, if it needs them.
 */
export function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  if (isPrintable(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(word, (c) => isPrintable(c) ? c.replace(/['\\]/, "\\$&") : bytesOf(c));
  return `$'${escaped.join("")}'`;
}

/** The bytes of a character as bash writes them: they mean the same whatever its locale is. */
function bytesOf(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

/** How this process was started, as far as it may be found out without asking for a permission. */
function findProgram(): readonly string[] {
  if (Deno.build.standalone) return [findExecutable(Deno.execPath().split(/[\\/]/).at(-1)!)];
  // What `deno install` writes is a script that names the module.
  if (onPath("unrec", (path) => readScript(path).includes(Deno.mainModule))) return ["unrec"];
  return [findDeno(), "run", ...permissionFlags(), pathOf(Deno.mainModule)];
}

function findDeno(): string {
  return findExecutable("deno");
}

/** What runs, by its name if that is enough. */
function findExecutable(name: string): string {
  const executable = Deno.execPath();
  return onPath(name, (path) => Deno.realPathSync(path) === Deno.realPathSync(executable)) ? name : executable;
}

/** The path of a module, or its URL if it is no file. */
function pathOf(module: string): string {
  const { protocol, pathname } = new URL(module);
  if (protocol !== "file:") return module;
  const path = decodeURIComponent(pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

function permissionFlags(): string[] {
  const names = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;
  if (names.every((name) => isGranted({ name }))) return ["-A"];
  // Less than reading and writing everywhere cannot be found out: which folders are allowed, Deno does not tell.
  return names.filter((name) => name === "read" || name === "write" || isGranted({ name }))
    .map((name) => `--allow-${name}`);
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** Whether the first file of that name on the PATH is the one that is looked for. */
function onPath(name: string, isIt: (path: string) => boolean): boolean {
  if (!isGranted({ name: "read" }) || !isGranted({ name: "env", variable: "PATH" })) return false;
  for (const folder of (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":")) {
    // What npx adds to the PATH is not on it where people paste.
    if (folder === "" || /[\\/]_npx[\\/]/.test(folder)) continue;
    const path = `${folder}/${name}`;
    try {
      if (Deno.statSync(path).isFile) return isIt(path);
    } catch {
      // It is not in this folder.
    }
  }
  return false;
}

function readScript(path: string): string {
  return Deno.statSync(path).size > MOST_SCRIPT ? "" : Deno.readTextFileSync(path);
}
