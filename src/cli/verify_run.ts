import type { Selection } from "../dataset/selection/selection.ts";
import { readJournal } from "../decode/output_state.ts";
import { sharesIn } from "../decode/shares.ts";
import type { DatasetPlace } from "../source/dataset_source.ts";
import { findDatasets } from "../source/find.ts";
import { withLabelsFrom } from "../source/label_lists.ts";
import { withSelection } from "../source/open_found.ts";
import { verify } from "../verify/verify.ts";
import { checkNames, LABELS_FIRST, namesOfTree, readsLabelsFirst } from "./names.ts";
import { wordFailure } from "./failure.ts";
import { selectionFlags, selectionOf } from "./selection_options.ts";
import { StopSignals } from "./stop_signals.ts";
import { trafficLine } from "./traffic_line.ts";
import { urlAccess } from "./url_access.ts";
import type { Terminal } from "./terminal.ts";
import type { VerifyGiven } from "./verify.ts";
import { verifyComplaints, verifyJson, verifyNotes, verifyText } from "./verify_summary.ts";

/**
 * Runs `unrec verify`.
 *
 * @param given What the command line gives.
 * @param terminal Where to say things.
 * @returns The exit code: 0 only if all is well.
 * @throws {UnrecError} If something cannot be read at all.
 */
export async function runVerify(given: VerifyGiven, terminal: Terminal): Promise<number> {
  const {
    include,
    labelsFrom,
    header,
    output,
    name,
    engine,
    chunkSize,
    jobs,
    deep,
    decode,
    relabel,
    checksums,
    quiet,
    json,
  } = given;
  const line = terminal.commandLine;
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const none = { datasets: [], tree: undefined };
  try {
    const notice = (message: string) => void (quiet || terminal.say(message));
    checkNames(name);
    const tree = output === undefined
      ? undefined
      : { folder: output, names: name ?? namesOfTree(output, notice), deep };
    if (tree !== undefined && readsLabelsFirst(tree.names)) notice(LABELS_FIRST);
    const found = withLabelsFrom(await findDatasets(include, notice, urlAccess(include, header)), labelsFrom);
    const places = output === undefined ? found : chosenForTree(found, output, selectionOf(given), notice);
    using stop = new StopSignals(terminal, "Stopping; what is not read yet stays unverified");
    using display = quiet ? undefined : terminal.progress({ bytes: bytesOf(places) });
    const report = await verify(places, {
      ...{ engine, chunkBytes: chunkSize, jobs, decode, relabel, checksums, tree, signal: stop.signal },
      onProgress: ({ images, bytes, read }) => display?.add({ count: images, bytes, read }),
    });
    display?.[Symbol.dispose]();
    if (report === undefined) {
      if (json) terminal.printJson(verifyJson(none, output, seconds(), [], "it was stopped by a signal"));
      return stop.exitCode;
    }
    if (report.traffic !== undefined) terminal.say(trafficLine(report.traffic));
    const complaints = verifyComplaints(report, output, line);
    complaints.forEach((complaint) => terminal.say(complaint));
    verifyNotes(report).forEach(({ text }) => terminal.say(`Note: ${text}`));
    const printed = json
      ? terminal.printJson(verifyJson(report, output, seconds(), complaints))
      : terminal.print(verifyText(report, output, seconds(), complaints));
    return complaints.length > 0 ? 1 : printed;
  } catch (error) {
    if (json) terminal.printJson(verifyJson(none, output, seconds(), [], wordFailure(error, line)));
    throw error;
  }
}

/** The datasets with what was chosen of each for a tree: as it is given, or else as the tree's journal says. */
function chosenForTree(
  places: readonly DatasetPlace[],
  tree: string,
  given: Selection | undefined,
  say: (message: string) => void,
): DatasetPlace[] {
  if (given !== undefined) return withSelection(places, given);
  const planned = readJournal(tree, sharesIn(tree)[0])?.header.plan.sources ?? [];
  return places.map((place, i) => {
    const select = planned[i]?.select;
    if (select === undefined) return place;
    say(`${tree}: its journal says that images of ${place.path} were chosen with ${selectionFlags(select).join(" ")}`);
    return place.selecting(select);
  });
}

function bytesOf(places: readonly DatasetPlace[]): number {
  return places.reduce((sum, { files }) => {
    using file = files.openRecords();
    return sum + file.size;
  }, 0);
}
