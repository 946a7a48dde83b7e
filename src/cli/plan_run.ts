import { type PlannedShare, planShares } from "../decode/plan_shares.ts";
import { findSources } from "../source/find.ts";
import { withLabelsFrom } from "../source/label_lists.ts";
import { openFound, withSelection } from "../source/open_found.ts";
import { type Column, listForm } from "./columns.ts";
import { decode } from "./decode.ts";
import { defaultsOf } from "./option.ts";
import type { PlanGiven } from "./plan.ts";
import { selectionOf } from "./selection_options.ts";
import { storeOf } from "./formats.ts";
import type { Terminal } from "./terminal.ts";
import { sayTraffic } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";

/** A share, and which it is. */
type Row = PlannedShare & { share: number };

const COLUMNS: Column<Row>[] = [
  { name: "share", of: ({ share }) => share },
  { name: "images", of: ({ images }) => images },
  { name: "bytes", of: ({ bytes }) => bytes },
  { name: "files", of: ({ files }) => files },
];

/**
 * Runs `unrec plan`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things, and the shares are listed.
 * @returns The exit code.
 * @throws {UnrecError} If something cannot be read, or cannot be shared out.
 */
export async function runPlan(given: PlanGiven, terminal: Terminal): Promise<number> {
  const { include, shards, labelsFrom, header, engine, chunkSize, json } = given;
  const found = withLabelsFrom(
    await findSources(include, (message) => terminal.say(message), urlAccess(include, header)),
    labelsFrom,
  );
  using opened = new DisposableStack();
  const sources = await openFound(withSelection(found, selectionOf(given)), () => ({ engine, chunkBytes: chunkSize }));
  for (const source of sources) opened.use(source);
  const store = await storeOf(".", { ...defaultsOf(decode.options), ...given });
  const form = listForm(COLUMNS, json, terminal);
  let text = form.head;
  for (const [share, planned] of planShares(sources, store, shards!).entries()) text += form.add({ share, ...planned });
  sayTraffic(found, terminal);
  terminal.write(new TextEncoder().encode(text + form.end()));
  return 0;
}
