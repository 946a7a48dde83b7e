import type { RecordView } from "../recordio/record_view.ts";
import type { SinkTask } from "./sink.ts";

/** A file that is written from front to back. Others find it under its name only when it is whole. */
export interface ShardFile {
  /** Its name, without its folder. */
  readonly name: string;

  /** Bytes written so far. */
  readonly position: number;

  /**
   * Appends bytes. They are written or copied when this returns.
   *
   * @param bytes The bytes.
   * @throws {UnrecError} If they cannot be written.
   */
  write(bytes: Uint8Array): void;

  /**
   * Opens a file in the same folder that belongs to this one: it is whole when this one is, and goes when this one goes.
   *
   * @param name Its name.
   * @throws {UnrecError} If it cannot be made.
   */
  beside(name: string): ShardFile;
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

/** The files of a format that hold many records each, as one knows them who does not write them. */
export interface ShardFiles<Options> {
  /**
   * The path of a file within the output: its name, or a folder and its name.
   *
   * @param prefix What names begin with.
   * @param shard Its number, from 0.
   * @param shards How many there are in all; undefined if that is not known.
   */
  pathOf(prefix: string, shard: number, shards: number | undefined): string;

  /**
   * The name that an image has within its file, if it has one.
   *
   * @param record The image.
   * @param options How it is written.
   */
  memberOf?(record: RecordView, options: Options): string;

  /**
   * Whether a path within the output is one of those that this format writes, those beside the shards included.
   *
   * @param path The path.
   * @param prefix What names begin with.
   */
  owns(path: string, prefix: string): boolean;

  /**
   * About how many bytes an image takes in a file.
   *
   * @param length Its own bytes.
   */
  bytesOf(length: number): number;
}

/** A format whose files hold many records each. One module each. */
export interface ShardFormat<Options> extends ShardFiles<Options> {
  /**
   * Makes what writes a file.
   *
   * @param file The file, open and empty.
   * @param options How it is written.
   * @param task What it is to hold.
   */
  writer(file: ShardFile, options: Options, task: SinkTask): ShardWriter;
}
