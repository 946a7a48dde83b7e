import { TsIndexScanner } from "./ts_index_scanner.ts";
import { TsRecordScanner } from "./ts_record_scanner.ts";
import type { Engine } from "./types.ts";

/** The scanners in plain TypeScript. */
export const tsEngine: Engine = {
  createRecordScanner: (chunkBytes) => new TsRecordScanner(chunkBytes),
  createIndexScanner: (chunkBytes) => new TsIndexScanner(chunkBytes),
};
