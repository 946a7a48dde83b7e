/** Lists of rows in their three forms. */
import { assertEquals } from "@std/assert";
import { type Column, jsonLines, type ListForm, tableOf, tabs } from "../../src/cli/columns.ts";

interface Row {
  size: number;
  name: string | null;
  all: number[];
}

const COLUMNS: Column<Row>[] = [
  { name: "size", of: ({ size }) => size },
  { name: "name", isText: true, of: ({ name }) => name },
  { name: "all", isText: true, of: ({ all }) => all },
];
const ROWS: Row[] = [{ size: 7, name: 'a"b', all: [1, 2.5] }, { size: 123456, name: null, all: [] }];

function printed<R>(form: ListForm<R>, rows: readonly R[]): string {
  return form.head + rows.map((row) => form.add(row)).join("") + form.end();
}

Deno.test("tabs: names first, what is not known is empty", () => {
  assertEquals(printed(tabs(COLUMNS), ROWS), 'size\tname\tall\n7\ta"b\t1,2.5\n123456\t\t\n');
  assertEquals(printed(tabs(COLUMNS), []), "size\tname\tall\n");
});

Deno.test("jsonLines: an object a line, what is not known is null", () => {
  const lines = printed(jsonLines(COLUMNS), ROWS).trimEnd().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line)), ROWS);
  assertEquals(printed(jsonLines(COLUMNS), []), "");
  const odd = [-0, 1e30, -1.5].map((size) => printed(jsonLines(COLUMNS.slice(0, 1)), [{ size, name: "", all: [] }]));
  assertEquals(odd.map((line) => JSON.parse(line).size), [0, 1e30, -1.5]);
});

Deno.test("tableOf: numbers to the right, words to the left, and lines that are cut where the screen ends", () => {
  assertEquals(
    printed(tableOf(COLUMNS, 80), ROWS),
    ["  size  name  all", '     7  a"b   1,2.5', "123456", ""].join("\n"),
  );
  assertEquals(printed(tableOf(COLUMNS, 16), ROWS), ["  size  name  a…", '     7  a"b   1…', "123456", ""].join("\n"));
  assertEquals(printed(tableOf(COLUMNS, 80), []), "size  name  all\n");
});

Deno.test("tableOf: a long table comes in blocks, each as wide as it has to be", () => {
  const form = tableOf(COLUMNS.slice(0, 1), 80);
  const pieces = Array.from({ length: 1000 }, (_, size) => form.add({ size: size ** 2, name: "", all: [] }));
  pieces.push(form.end());
  const lines = pieces.join("").trimEnd().split("\n");
  assertEquals(lines.map((line) => line.trim()), [
    "size",
    ...Array.from({ length: 1000 }, (_, size) => `${size ** 2}`),
  ]);
  assertEquals([lines[1].length, lines.at(-1)!.length], ["65025".length, "998001".length]);
  assertEquals(pieces.filter((piece) => piece !== "").length, 4);
});
