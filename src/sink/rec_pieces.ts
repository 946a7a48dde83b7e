import { Cursor } from "../dataset/cursor.ts";
import { readStream } from "../dataset/stream.ts";
import { UnrecError } from "../errors.ts";
import { describeProblem, RecordError } from "../recordio/problem.ts";
import type { RecordView } from "../recordio/record_view.ts";
import { tsEngine } from "../recordio/ts_engine.ts";
import type { RecordScanner } from "../recordio/types.ts";
import { PIECE_CUT, PieceStore, type WholeInPieces } from "./piece_store.ts";
import { pauseBetween, type Piece, readPiece } from "./pieces.ts";
import { isRecReceipt, type RecReceipt } from "./rec_receipt.ts";
import { REC_PIECES, type RecPieces } from "./rec_piece_writer.ts";
import { type RecOptions, RecSink } from "./rec_sink.ts";
import type { SinkStore } from "./sink.ts";

/** The record file that is written in pieces. */
export interface WholeRec extends Pick<WholeInPieces<RecPieces>, "check" | "requirePlace" | "paths" | "files"> {
  /** Writes what names the images, see `SinkStore.conclude`. */
  conclude(receipts: readonly RecReceipt[], labels: number): string[];
  /** Removes what was written of it. */
  clear(): Promise<void>;
}

/**
 * A store for the pieces of a record file: records without an index, whose keys count the images of the piece. To join
 * them is to write them as one run writes what it reads.
 *
 * @param options Where it is written, and how.
 * @param whole The record file.
 */
export function recPieces(options: RecOptions, { conclude, clear, ...whole }: WholeRec): SinkStore {
  const { output, layout, fsync } = options;
  return new PieceStore<RecPieces>({
    ...whole,
    spec: { format: "rec", output, prefix: "", cut: PIECE_CUT, fsync, md5: false, options: { layout } },
    form: { layout },
    asks: [],
    pieces: REC_PIECES,
    async join(pieces, { labels, onWritten, onJoined }) {
      try {
        const receipts = await rewrite(options, pieces, onWritten);
        const odd = conclude(receipts, labels);
        onJoined();
        return odd;
      } catch (error) {
        // Who joins them again begins anew, and a full disk may need the room.
        await clear();
        throw error;
      }
    },
  });
}

/** Writes the records of all pieces as one file. Returns what was written of each. */
async function rewrite(
  options: RecOptions,
  pieces: readonly Piece[],
  onWritten: (bytes: number) => void,
): Promise<RecReceipt[]> {
  const sink = new RecSink(options, []);
  const scanner = tsEngine.createRecordScanner();
  const receipts: RecReceipt[] = [];
  try {
    for (const piece of pieces) {
      sink.begin({ goesOn: true });
      readRecords(options.output, piece, scanner, (record) => sink.write(record));
      receipts.push(...(sink.finish().receipts ?? []).filter(isRecReceipt));
      onWritten(piece.bytes);
      await pauseBetween();
    }
  } finally {
    sink.abandon();
    scanner.close();
  }
  return receipts;
}

/** Reads the records of a piece. */
function readRecords(
  folder: string,
  piece: Piece,
  scanner: RecordScanner,
  take: (record: RecordView) => void,
): void {
  let images = 0;
  const cursor = new Cursor({ name: piece.path, size: Infinity }, scanner);
  try {
    readPiece(folder, piece, (more) => {
      const reading = readStream(cursor, (record) => {
        images++;
        take(record);
      });
      for (let step = reading.next(0); !step.done;) step = reading.next(more(step.value.into));
    });
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw damaged(`${folder}/${piece.path}`, describeProblem(error.problem));
  }
  if (images !== piece.images) {
    throw damaged(`${folder}/${piece.path}`, `it has ${images} records, and ${piece.images} were written`);
  }
}

function damaged(path: string, why: string): UnrecError {
  return new UnrecError(`Cannot read the piece ${path}: ${why}`, {
    kind: "text",
    text: "remove it, and run its share again",
  });
}
