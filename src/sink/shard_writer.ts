import type { RecordView } from "../recordio/record_view.ts";

/** A file that is written from front to back. */
export interface ShardFile {
  /** Bytes written so far. */
  readonly position: number;

  /**
   * Appends bytes. They are written or copied when this returns.
   *
   * @param bytes The bytes.
   * @throws {UnrecError} If they cannot be written.
   */
  write(bytes: Uint8Array): void;
}

/** Puts records into one file, in one format. A new one is made for every file. */
export interface ShardWriter {
  /**
   * Takes a record.
   *
   * @param record The record; the view is good until this returns, so copy what is to be kept.
   * @throws {UnrecError} If the format cannot hold it, or it cannot be written.
   */
  write(record: RecordView): void;

  /**
   * Writes what stands at the end of the file.
   *
   * @throws {UnrecError} If it cannot be written.
   */
  finish(): void;
}
