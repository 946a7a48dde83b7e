import { existsSync } from "@std/fs/exists";
import { dirname, join } from "node:path";
import { FileSource, readHead } from "../bytes/file_source.ts";
import type { ByteSource } from "../bytes/reading.ts";
import type { BytesSpec } from "../bytes/stretches.ts";
import type { Traffic } from "../bytes/traffic.ts";
import { type FileFacts, fileFacts, firstLine } from "./file_facts.ts";

/** The first line of a `property` file is three numbers; more of one that is something else is not read. */
export const PROPERTY_BYTES = 4096;

/** The files of a dataset where they are: here, or at a URL. */
export interface DatasetFilesAt {
  /** Name of the record file. */
  readonly records: string;
  /** Name of the index. It need not be there. */
  readonly index: string;
  /** First line of the `property` file beside it: classes, height, width. */
  readonly property: string | undefined;
  /** From what the record file is opened in threads. */
  readonly spec: BytesSpec;
  /** What went over a network for them, in this thread. */
  readonly traffic?: Traffic;
  /** By what they are known again. */
  facts(): FileFacts[];
  /**
   * Opens the record file, for pieces of it.
   *
   * @throws {UnrecError} If it cannot be opened.
   */
  openRecords(): ByteSource;
  /**
   * Opens the index.
   *
   * @param wanted Whether all of it is read from front to back, or some pieces.
   * @returns undefined if there is none.
   * @throws {UnrecError} If it cannot be opened.
   */
  openIndex(wanted: "all" | "pieces"): ByteSource | undefined;
}

/** The files of a dataset in a folder of this machine. */
export class FilesHere implements DatasetFilesAt {
  readonly records: string;
  readonly index: string;

  /** @param records The record file; the index and `property` lie beside it. */
  constructor(records: string) {
    this.records = records;
    this.index = `${records.replace(/\.rec$/, "")}.idx`;
  }

  get property(): string | undefined {
    try {
      return firstLine(new TextDecoder().decode(readHead(join(dirname(this.records), "property"), PROPERTY_BYTES)));
    } catch {
      // It only says what the records say too, and many sets come without it.
      return undefined;
    }
  }

  get spec(): BytesSpec {
    return { kind: "file", path: this.records };
  }

  facts(): FileFacts[] {
    return [fileFacts("records", this.records), fileFacts("index", this.index)];
  }

  openRecords(): FileSource {
    return new FileSource(this.records);
  }

  openIndex(): FileSource | undefined {
    return existsSync(this.index) ? new FileSource(this.index) : undefined;
  }
}
