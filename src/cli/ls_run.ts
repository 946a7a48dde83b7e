import { asksForLabels } from "../dataset/selection/selection.ts";
import { decode } from "../decode/decode.ts";
import { UnrecError } from "../errors.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { folderTree } from "../sink/folder_store.ts";
import { NameTemplate, REFERENCE_NAMES } from "../sink/name_template.ts";
import { Namer } from "../sink/namer.ts";
import { eachImage, type SinkStore } from "../sink/sink.ts";
import { findSources } from "../source/find.ts";
import { withLabelsFrom } from "../source/label_lists.ts";
import { openFound, withSelection } from "../source/open_found.ts";
import { type Column, type ListForm, listForm } from "./columns.ts";
import { datasetWarnings } from "./decode_summary.ts";
import { lossLines } from "./lost_report.ts";
import type { LsGiven } from "./ls.ts";
import { checkNames, LABELS_FIRST, readsLabelsFirst } from "./names.ts";
import { partialNotes } from "./selection_notes.ts";
import { LABELS_TO_CHOOSE, selectionOf } from "./selection_options.ts";
import { People, PERSON_COLUMNS } from "./people.ts";
import { trafficLine } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs `unrec ls`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things, and the list goes.
 * @returns The exit code.
 * @throws {UnrecError} If something cannot be read; what comes before it is listed.
 */
export async function runLs(given: LsGiven, terminal: Terminal): Promise<number> {
  const { include, name, labelsFrom, header, relabel, onError, engine, chunkSize, people: ofPeople } = given;
  checkNames(name);
  const select = selectionOf(given);
  const notice = (message: string) => terminal.say(message);
  const found = withSelection(
    withLabelsFrom(await findSources(include, notice, urlAccess(include, header)), labelsFrom),
    select,
  );
  if (select !== undefined && asksForLabels(select)) terminal.say(LABELS_TO_CHOOSE);
  using opened = new DisposableStack();
  const sources = await openFound(found, () => ({ engine, chunkBytes: chunkSize, onError, checksums: false }));
  for (const source of sources) opened.use(source);
  if (name !== undefined && readsLabelsFirst(name)) terminal.say(LABELS_FIRST);

  const stop = new AbortController();
  const options = {
    relabel,
    onError,
    signal: stop.signal,
    onWarning: (message: string) => terminal.say(`Warning: ${message}`),
  };
  const people = new People();
  const images = new Printed(listForm(imageColumns(given), given.json, terminal), terminal, stop);
  const take = ofPeople ? (view: RecordView) => people.add(view) : (view: RecordView) => images.add(view);
  let report;
  try {
    report = await decode(sources, namedAs(name, take), options);
  } finally {
    images.end();
  }
  const { lost, datasets } = report;
  if (report.images === 0 && lost.length === 0 && !stop.signal.aborted) {
    throw new UnrecError(`Cannot list ${found.map(({ path }) => path).join(", ")}: there is no image in it`);
  }
  const list = new Printed(listForm(PERSON_COLUMNS, given.json, terminal), terminal, stop);
  for (const person of people.inOrder()) list.add(person);
  list.end();
  // Where nobody reads on, there is nothing more to say.
  if (stop.signal.aborted) return 0;
  datasets.flatMap((dataset) => [...partialNotes(dataset), ...datasetWarnings(dataset)]).forEach((line) =>
    terminal.say(line)
  );
  if (report.traffic !== undefined) terminal.say(trafficLine(report.traffic));
  for (const loss of lost) lossLines(loss, terminal.commandLine, onError).forEach((line) => terminal.say(line));
  return lost.length === 0 ? 0 : 1;
}

/** Gives images to a function, after the same looks as are taken before a tree is written with these names. */
function namedAs(name: string | undefined, take: (view: RecordView) => void): SinkStore {
  const tree = folderTree(".", { names: name });
  return { ...eachImage(take), asks: tree.asks, check: (sources) => tree.check(sources) };
}

function imageColumns({ name = REFERENCE_NAMES, labelsAll }: LsGiven): Column<RecordView>[] {
  const namer = new Namer(new NameTemplate(name));
  const labels: Column<RecordView> = {
    name: "labels",
    isText: true,
    of: (view) => Array.from(view.labels(), shortest),
  };
  return [
    { name: "number", of: ({ number }) => number },
    { name: "key", of: ({ key }) => key ?? null },
    { name: "label", of: ({ label }) => label },
    { name: "identity", of: ({ identity }) => identity ?? null },
    { name: "bytes", of: ({ length }) => length },
    { name: "kind", isText: true, of: ({ payload }) => payload.name },
    { name: "offset", of: ({ offset }) => offset },
    { name: "path", isText: true, of: (view) => namer.pathOf(view) },
    ...labelsAll ? [labels] : [],
  ];
}

/** The number with the fewest digits that is this float32. */
function shortest(float: number): number {
  if (Number.isSafeInteger(float)) return float;
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}

/** Characters that are written at once. */
const PIECE = 2 ** 16;

const encoder = new TextEncoder();

/** A list on its way to the standard output, which takes large pieces. */
class Printed<Row> {
  readonly #form: ListForm<Row>;
  readonly #terminal: Terminal;
  readonly #stop: AbortController;
  /** What is to be written; undefined before the first row, for a list that has none has no head either. */
  #text: string | undefined;

  /**
   * @param form The form of its lines.
   * @param terminal Where it goes.
   * @param stop Aborted when nobody reads on.
   */
  constructor(form: ListForm<Row>, terminal: Terminal, stop: AbortController) {
    this.#form = form;
    this.#terminal = terminal;
    this.#stop = stop;
  }

  /** Takes a row. */
  add(row: Row): void {
    this.#text = (this.#text ?? this.#form.head) + this.#form.add(row);
    if (this.#text.length >= PIECE) this.#write(this.#text);
  }

  /** Writes what there is yet. */
  end(): void {
    if (this.#text !== undefined) this.#write(this.#text + this.#form.end());
  }

  #write(text: string): void {
    if (!this.#stop.signal.aborted && !this.#terminal.write(encoder.encode(text))) this.#stop.abort();
    this.#text = "";
  }
}
