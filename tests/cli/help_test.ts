/** Help pages and the README: each names every option, and no other. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { optionsOf } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { longHelp, shortHelp, wrap } from "../../src/cli/help_pages.ts";
import { optionName } from "../../src/cli/option.ts";
import { optionsTable, withTables } from "../../src/cli/readme_tables.ts";
import { TOPICS } from "../../src/cli/topics.ts";
import { PROJECT, runUnrec } from "../run_unrec.ts";

for (const command of COMMANDS) {
  const names = Object.keys(optionsOf(command)).map(optionName);

  Deno.test(`the help of ${command.name} names every option of it and no other, in lines of at most 90 characters`, () => {
    for (const text of [shortHelp(command, COMMANDS), longHelp(command, COMMANDS)]) {
      const lines = text.split("\n");
      assertEquals(lines.map((line) => /^ {2}(?:-\w, )?--([a-z0-9-]+)/.exec(line)?.[1]).filter(Boolean), names);
      assertEquals(lines.filter((line) => line.length > 90 || line !== line.trimEnd() || line.includes("`")), []);
      assertStringIncludes(text, `\n  ${command.usage}\n`);
    }
  });

  Deno.test(`the README's table of ${command.name} has every option that is not shared, and no other`, () => {
    const rows = optionsTable(command).split("\n").map((line) => /^\| `--([a-z0-9-]+)/.exec(line)?.[1]).filter(Boolean);
    const rest = optionsTable(command).split("\n\n").at(-1)!;
    const shared = rest.startsWith("|") ? [] : Array.from(rest.matchAll(/`--([a-z0-9-]+)`/g), ([, name]) => name);
    assertEquals([...rows, ...shared].sort(), [...names].sort());
  });
}

Deno.test("README.md has the tables of all options as they are now", () => {
  const readme = Deno.readTextFileSync(`${PROJECT}README.md`);
  for (const command of COMMANDS.filter(({ options }) => Object.keys(options).length > 0)) {
    const marks = new RegExp(`\\n<!-- options: ${command.name} -->\\n\\n([^]*?)\\n\\n<!-- end -->\\n`);
    // "deno run -A src/cli/readme_tables.ts" brings what stands between the marks up to date.
    assertEquals(marks.exec(readme)?.[1].split("\n"), optionsTable(command).split("\n"));
  }
});

Deno.test("withTables: what stands between the marks is replaced, and nothing else", () => {
  const table = optionsTable(COMMANDS.find(({ name }) => name === "index")!);
  const around = (inner: string) => `a\n\n<!-- options: index -->\n${inner}<!-- end -->\n\nb <!-- end -->\n`;
  assertEquals(withTables(around("")), around(`\n${table}\n\n`));
  assertEquals(withTables(around("old\n\nolder\n")), around(`\n${table}\n\n`));
  assertEquals(withTables("<!-- options: gone -->\nx<!-- end -->"), "<!-- options: gone -->\nx<!-- end -->");
  assert(table.includes("`--on-error=stop\\|skip`"), table);
});

Deno.test("--help has a line for every command and every topic, --version is that of deno.json", async () => {
  const { code, stdout, stderr } = await runUnrec("--help");
  assertEquals([code, stderr], [0, ""]);
  for (const { name } of COMMANDS) assert(new RegExp(`^  unrec ${name} +[a-z]`, "m").test(stdout), name);
  for (const topic of Object.keys(TOPICS)) assertStringIncludes(stdout, topic);
  assertEquals(await runUnrec("help"), { code, stdout, stderr });
  const version = { code: 0, stdout: `unrec ${deno.version}\n`, stderr: "" };
  assertEquals(await runUnrec("-v"), version);
  assertEquals(await runUnrec("verify", "--version"), version);
});

Deno.test("unrec COMMAND --help is short, unrec help COMMAND is long, unrec help TOPIC prints the topic", async () => {
  const index = COMMANDS.find(({ name }) => name === "index")!;
  const printed = async (...args: string[]) => {
    const { code, stdout, stderr } = await runUnrec(...args);
    assertEquals([code, stderr], [0, ""]);
    return stdout;
  };
  assertEquals(await printed("index", "-h"), `${shortHelp(index, COMMANDS)}\n`);
  assertEquals(await printed("help", "index"), `${longHelp(index, COMMANDS)}\n`);
  // Line breaks aside, the long page has the longer texts.
  const words = longHelp(index, COMMANDS).replaceAll(/\s+/g, " ");
  for (const { more, help } of Object.values(index.options)) {
    assertStringIncludes(words, (more ?? help).replaceAll("`", ""));
  }
  assertStringIncludes(words, index.details!.split("\n\n")[1]);
  for (const [topic, text] of Object.entries(TOPICS)) assertEquals(await printed("help", topic), `${text}\n`);
});

/** Options of the programs that start shares. */
const OF_OTHERS = ["array", "joblog", "resume-failed"];

Deno.test("topics: lines of at most 90 characters, and no option that no command has", () => {
  const options = new Set(
    COMMANDS.flatMap((command) => Object.keys(optionsOf(command)).map(optionName)).concat(OF_OTHERS),
  );
  for (const [topic, text] of Object.entries(TOPICS)) {
    assertEquals(text.split("\n").filter((line) => line.length > 90 || line !== line.trimEnd()), [], topic);
    for (const [flag, name] of text.matchAll(/--([a-z0-9-]+)/g)) assert(options.has(name), `${topic}: ${flag}`);
  }
  for (const { details = "", name } of COMMANDS) {
    for (const [, topic] of details.matchAll(/`unrec help (\S+)`/g)) assert(topic in TOPICS, `${name}: ${topic}`);
  }
});

Deno.test("wrap: at spaces, and a long word has a line of its own", () => {
  assertEquals(wrap("a bb ccc dddddddd e", 4), ["a bb", "ccc", "dddddddd", "e"]);
  assertEquals(wrap("", 4), [""]);
});
