import type { OnError } from "../dataset/layout.ts";
import { UnrecError } from "../errors.ts";
import type { ProgressListener } from "../pool/work.ts";
import type { Written } from "./decode_work.ts";
import type { JournalOptions } from "./output_state.ts";
import type { DecodeReport } from "./tally.ts";

/** Options of {@linkcode decode}. */
export interface DecodeOptions extends JournalOptions {
  /**
   * How many threads read and write. On a slow disk or a network drive more than the machine has cores can pay.
   *
   * @default {navigator.hardwareConcurrency}
   */
  jobs?: number;
  /**
   * Shift the labels of each dataset past those of the ones before it, so that no two datasets share a folder.
   *
   * @default {false}
   */
  relabel?: boolean;
  /**
   * Whether a record that cannot be read ends the decoding, or is left out and reported.
   *
   * @default {"stop"}
   */
  onError?: OnError;
  /**
   * Whether to look, before the first image is written, if the file system of the output folder has room for all.
   *
   * @default {false}
   */
  checkSpace?: boolean;
  /**
   * Look at everything, and write nothing. What an archive holds is found out by reading it.
   *
   * @default {false}
   */
  dryRun?: boolean;
  /** Told, if only a share is to be done and before its first image is written, how many images it has. */
  onShare?: (images: number) => void;
  /** Told, while what an earlier run wrote is removed, how many images were since it was told last. */
  onRemoved?: (images: number) => void;
  /** Told, if images are shuffled and before the first one is written, how many there are to be written. */
  onMerge?: (images: number) => void;
  /** Told, before the first image is written, what earlier runs have written, if there is any. */
  onResume?: (resumed: Readonly<Written>) => void;
  /** Stops the decoding when it is aborted; images begun are finished. */
  signal?: AbortSignal;
  /** Told of oddities, in a sentence. */
  onWarning?: (message: string) => void;
  /** Told, several times a second, what was done since it was told last. */
  onProgress?: ProgressListener;
}

/** The error that {@linkcode decode} ends with. It knows what was written before. */
export class DecodeError extends UnrecError {
  /** The name of the class. */
  override name = "DecodeError";
  /** What was written, each image whole. */
  readonly report: DecodeReport;

  /**
   * Made by {@linkcode decode}.
   *
   * @param error What went wrong.
   * @param report What was written.
   */
  constructor({ message, remedies }: UnrecError, report: DecodeReport) {
    super(message, ...remedies);
    this.report = report;
  }
}
