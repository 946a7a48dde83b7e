/** A place of the program that is broken, and the tests that must notice it. */
export interface Mutation {
  /** The file, from the project's folder on. */
  file: string;
  /** What stands there once. */
  text: string;
  /** What is put in its place: the program can still be run, and does something else. */
  broken: string;
  /** Test files, from `tests/` on, one of which must fail. */
  tests: string[];
}

const SCANNERS = ["recordio/scanners_test.ts", "dataset/read_index_test.ts"];

/** The places, folder by folder. A new one is an entry here. */
export const MUTATIONS: readonly Mutation[] = [
  {
    file: "assembly/index_scan.ts",
    text: "rising = rising & (offset > lastOffset)",
    broken: "rising = rising & (offset >= lastOffset)",
    tests: SCANNERS,
  },
  {
    file: "assembly/index_scan.ts",
    text: "if (key > 0xffffffff)",
    broken: "if (key >= 0xffffffff)",
    tests: SCANNERS,
  },
  {
    file: "assembly/index_scan.ts",
    text: "if (offset > MAX_SAFE_INTEGER)",
    broken: "if (offset >= MAX_SAFE_INTEGER)",
    tests: SCANNERS,
  },
  {
    file: "assembly/index_scan.ts",
    text: "if (keyCount - 1 >= MOST_DIGITS ||",
    broken: "if (keyCount >= MOST_DIGITS ||",
    tests: SCANNERS,
  },
  {
    file: "assembly/magic_search.ts",
    text: "while (at + 4 <= end)",
    broken: "while (at + 4 < end)",
    tests: SCANNERS,
  },
  {
    file: "assembly/magic_search.ts",
    text: "let at = base + ((from + 3) & ~3);",
    broken: "let at = base + (from & ~3);",
    tests: SCANNERS,
  },
  {
    file: "assembly/multipart.ts",
    text: "if (total > LENGTH_MASK)",
    broken: "if (total >= LENGTH_MASK)",
    tests: SCANNERS,
  },
  {
    file: "assembly/multipart.ts",
    text: "total += 4 + <u64> length;",
    broken: "total += <u64> length;",
    tests: SCANNERS,
  },
  {
    file: "assembly/multipart.ts",
    text: "i < length; i += 8) store<u64>(",
    broken: "i + 8 <= length; i += 8) store<u64>(",
    tests: SCANNERS,
  },
  {
    file: "assembly/record_scan.ts",
    text: "if (length < HEADER_BYTES)",
    broken: "if (length <= HEADER_BYTES)",
    tests: SCANNERS,
  },
  {
    file: "assembly/record_scan.ts",
    text: "if (flag > (length - HEADER_BYTES) >> 2)",
    broken: "if (flag >= (length - HEADER_BYTES) >> 2)",
    tests: SCANNERS,
  },
  {
    file: "assembly/record_scan.ts",
    text: "store<u32>(row + ROW_PARTS, parts);",
    broken: "store<u32>(row + ROW_PARTS, 1);",
    tests: SCANNERS,
  },
  {
    file: "src/recordio/ts_record_scanner.ts",
    text: "if (total > MAX_RECORD_BYTES)",
    broken: "if (total >= MAX_RECORD_BYTES)",
    tests: SCANNERS,
  },
  {
    file: "src/recordio/payload_kind.ts",
    text: "marker >= MARKER.RST0 && marker <= MARKER.SOI",
    broken: "marker > MARKER.RST0 && marker <= MARKER.SOI",
    tests: ["recordio/payload_kind_test.ts"],
  },
  {
    file: "src/recordio/label_kind.ts",
    text: "header + object > flag",
    broken: "header + object >= flag",
    tests: ["recordio/label_kind_test.ts"],
  },
  {
    file: "src/recordio/float32_keys.ts",
    text: "label <= LAST_KEY + 1",
    broken: "label <= LAST_KEY",
    tests: ["recordio/float32_keys_test.ts", "dataset/high_keys_test.ts"],
  },
  {
    file: "src/wasm/linear_memory.ts",
    text: "region.address,\n    region.address + region.bytes,",
    broken: "region.address,\n    region.address,",
    tests: ["wasm/wasm_engine_test.ts", "dataset/cursor_test.ts"],
  },
  {
    file: "src/wasm/wasm_engine.ts",
    text: "if (this.#result.length === 0) this.view(memory.buffer as ArrayBuffer);",
    broken: "",
    tests: ["wasm/wasm_engine_test.ts", "recordio/scanners_test.ts"],
  },
  {
    file: "src/dataset/cursor.ts",
    text: "offset > this.chunkOffset + this.filled) this.jumpTo",
    broken: "offset >= this.chunkOffset + this.filled) this.jumpTo",
    tests: ["dataset/cursor_test.ts", "dataset/walk_test.ts"],
  },
  {
    file: "src/dataset/label_index.ts",
    text: "counter.count(label + shift)",
    broken: "counter.count(label)",
    tests: ["decode/names_test.ts"],
  },
  {
    file: "src/dataset/layout.ts",
    text: "others - (layout.order.length - layout.repeatedImages)",
    broken: "others - layout.order.length",
    tests: ["dataset/dataset_test.ts", "cli/verify_test.ts"],
  },
  {
    file: "src/dataset/layout.ts",
    text: "key = Math.min(to, index.keyFrom(gap));",
    broken: "key = index.keyFrom(gap);",
    tests: ["dataset/dataset_test.ts", "cli/skip_test.ts"],
  },
  {
    file: "src/dataset/loss.ts",
    text: " && last.lastOffset < range.problem.offset;",
    broken: ";",
    tests: ["cli/loss_test.ts", "cli/skip_test.ts"],
  },
  {
    file: "src/dataset/plan.ts",
    text: "if (offsets[first] <= before) return false;",
    broken: "if (offsets[first] < before) return false;",
    tests: ["dataset/plan_test.ts", "dataset/dataset_test.ts"],
  },
  {
    file: "src/dataset/plan.ts",
    text: "return { first: least + shift, list };",
    broken: "return { first: least, list };",
    tests: ["dataset/plan_test.ts", "dataset/dataset_test.ts"],
  },
  {
    file: "src/dataset/read_index.ts",
    text: "offsets[words[2 * i]] = offsets[words[2 * last]];",
    broken: "",
    tests: ["dataset/read_index_test.ts"],
  },
  {
    file: "src/dataset/read_task.ts",
    text: 'if (problem.kind === "bad-magic") cursor.moveTo(next());\n    else cursor.jumpTo(next());',
    broken: "cursor.moveTo(next());",
    tests: ["dataset/read_task_test.ts", "fuzz/fuzz_test.ts"],
  },
  {
    file: "src/dataset/walk.ts",
    text: "if (offset >= end) return end;",
    broken: "if (offset > end) return end;",
    tests: ["dataset/walk_test.ts"],
  },
  {
    file: "src/dataset/walk.ts",
    text: "if (table[at + ROW.PARTS] > 1) return false;",
    broken: "if (table[at + ROW.PARTS] > 1) return true;",
    tests: ["dataset/walk_test.ts"],
  },
  {
    file: "src/source/file_facts.ts",
    text: "if (size === before[i].size && time === before[i].time) continue;",
    broken: "if (size === before[i].size) continue;",
    tests: ["source/file_facts_test.ts"],
  },
  {
    file: "src/source/rebuild_index.ts",
    text: "requireUnchanged(path, [facts], place.facts().slice(0, 1));",
    broken: "",
    tests: ["source/rebuild_index_test.ts"],
  },
  {
    file: "src/source/replace_file.ts",
    text: "return offset === file.size;",
    broken: "return true;",
    tests: ["source/replace_file_test.ts"],
  },
  {
    file: "src/source/replace_file.ts",
    text: "file.syncSync();",
    broken: "",
    tests: ["cli/fsync_test.ts"],
  },
  {
    file: "src/source/archive/checksums.ts",
    text: "match[1].toLowerCase()",
    broken: "match[1]",
    tests: ["source/archive/checksums_test.ts"],
  },
  {
    file: "src/source/archive/equal_parts.ts",
    text: "i < last ? size !== usual : size > usual",
    broken: "i < last ? size !== usual : size >= usual",
    tests: ["source/archive/decode_archive_test.ts"],
  },
  {
    file: "src/source/archive/gunzip.ts",
    text: " || (flags & FLAG.RESERVED) !== 0",
    broken: "",
    tests: ["source/archive/tar_reader_test.ts", "source/archive/decode_archive_test.ts"],
  },
  {
    file: "src/source/archive/gunzip.ts",
    text: "if (trailer.getUint32(4, true) !== bytes % 2 ** 32)",
    broken: "if (false)",
    tests: ["source/archive/tar_reader_test.ts", "source/archive/decode_archive_test.ts"],
  },
  {
    file: "src/source/archive/kept_files.ts",
    text: "|| !isSameFile(part, path)",
    broken: "",
    tests: ["source/archive/decode_archive_test.ts"],
  },
  {
    file: "src/source/archive/parts_reader.ts",
    text: " || this.done.length === this.#parts.length && offset === begin + bytes",
    broken: "",
    tests: ["source/archive/decode_archive_test.ts"],
  },
  {
    file: "src/source/archive/tar_reader.ts",
    text: "expected !== unsigned && expected !== signed",
    broken: "expected !== unsigned",
    tests: ["source/archive/tar_reader_test.ts"],
  },
  {
    file: "src/source/archive/tar_reader.ts",
    text: "|| announced || this.#filled > 0",
    broken: "|| this.#filled > 0",
    tests: ["source/archive/tar_reader_test.ts"],
  },
  {
    file: "src/source/archive/tar_reader.ts",
    text: "/[1-6]/.test(type)",
    broken: "/[1-4]/.test(type)",
    tests: ["source/archive/tar_reader_test.ts"],
  },
  {
    file: "src/sink/folder_store.ts",
    text: "return isFile && size === bytes;",
    broken: "return isFile;",
    tests: ["sink/folder_store_test.ts"],
  },
  {
    file: "src/sink/folder_store.ts",
    text: " || !this.#isFile(path)",
    broken: "",
    tests: ["sink/folder_store_test.ts"],
  },
  {
    file: "src/sink/free_space.ts",
    text: "Math.min(facts.bsize, MOST_BLOCK_BYTES)",
    broken: "facts.bsize",
    tests: ["sink/free_space_test.ts"],
  },
  {
    file: "src/sink/image_file.ts",
    text: 'if (NOT_OPENED.has(code)) return "";',
    broken: "",
    tests: ["sink/folder_sink_test.ts", "cli/output_test.ts"],
  },
  {
    file: "src/sink/namer.ts",
    text: "place.field === field && place.divisor === 1",
    broken: "place.field === field",
    tests: ["sink/name_template_test.ts", "decode/names_test.ts"],
  },
  {
    file: "src/sink/put_anew.ts",
    text: "is of a run that was killed.\n  removeIfThere(part);",
    broken: "is of a run that was killed.",
    tests: ["cli/output_test.ts", "cli/skip_test.ts"],
  },
  {
    file: "src/sink/sync_file.ts",
    text: "file.syncSync();",
    broken: "",
    tests: ["cli/fsync_test.ts"],
  },
  {
    file: "src/pool/pool.ts",
    text: "if (again !== undefined) {",
    broken: "if (false) {",
    tests: ["pool/pool_test.ts"],
  },
  {
    file: "src/pool/pool.ts",
    text: "if (accepting) return;",
    broken: "",
    tests: ["pool/pool_test.ts"],
  },
  {
    file: "src/pool/pool.ts",
    text: "failure ??= { error };",
    broken: "failure = { error };",
    tests: ["pool/pool_test.ts"],
  },
  {
    file: "src/decode/decode_work.ts",
    text: "if (this.#stop.isSet) throw new Stopped();",
    broken: "",
    tests: ["decode/decode_test.ts", "cli/stops_test.ts"],
  },
  {
    file: "src/decode/journal.ts",
    text: "(file.statSync().nlink ?? 1) > 1 ? this.#copied(file) : file",
    broken: "file",
    tests: ["decode/journal_test.ts", "cli/output_test.ts"],
  },
  {
    file: "src/decode/journal.ts",
    text: "if (inode === this.#inode) return;",
    broken: "return;",
    tests: ["decode/journal_test.ts", "cli/output_test.ts"],
  },
  {
    file: "src/decode/journal.ts",
    text: "if (this.#fsync) this.#file.syncSync();",
    broken: "",
    tests: ["cli/fsync_test.ts"],
  },
  {
    file: "src/decode/journal_lines.ts",
    text: "number >= first && number + images <= end",
    broken: "number >= first",
    tests: ["decode/journal_lines_test.ts"],
  },
  {
    file: "src/decode/tally.ts",
    text: "ranges.sort((a, b) => a.number - b.number)",
    broken: "ranges",
    tests: ["decode/decode_test.ts", "cli/loss_test.ts", "cli/skip_test.ts"],
  },
  {
    file: "src/verify/offset_comparison.ts",
    text: 'addFinding(this.#findings, "shared-record", [{ byte }]);',
    broken: ";",
    tests: ["cli/verify_test.ts"],
  },
  {
    file: "src/verify/stretch_join.ts",
    text: "return this.#damage !== undefined || outcome.first === this.#first;",
    broken: "return true;",
    tests: ["cli/verify_test.ts"],
  },
  {
    file: "src/verify/tree_files.ts",
    text: 'if (!stat.isFile) return "missing-file";',
    broken: "",
    tests: ["cli/special_files_test.ts"],
  },
  {
    file: "src/verify/verification.ts",
    text: 'if (isAllRaw(result.kinds)) delete findings["unknown-image"];',
    broken: "",
    tests: ["cli/verify_test.ts", "cli/odd_images_test.ts"],
  },
  {
    file: "src/pickle/numpy.ts",
    text: "return bytes === data.bytes.length ?",
    broken: "return bytes <= data.bytes.length ?",
    tests: ["pickle/verification_set_test.ts"],
  },
  {
    file: "src/pickle/pickle_input.ts",
    text: "if (!(this.#at + length <= this.length)) throw this.#cut();",
    broken: "if (this.#at + length > this.length + 1) throw this.#cut();",
    tests: ["pickle/verification_set_test.ts"],
  },
  {
    file: "src/cli/lost_list.ts",
    text: "if (!hasLostList(output)) return;",
    broken: "",
    tests: ["cli/skip_test.ts"],
  },
  {
    file: "src/cli/printable.ts",
    text: "\\x7f-\\x9f",
    broken: "\\x7f",
    tests: ["cli/control_characters_test.ts"],
  },
  {
    file: "src/cli/stop_signals.ts",
    text: 'setTimeout(() => this.#leave("SIGINT"), TOGETHER)',
    broken: "undefined",
    tests: ["cli/signals_test.ts"],
  },
  {
    file: "src/cli/stop_signals.ts",
    text: "return ignored !== undefined && (BigInt(`0x${ignored}`) & 1n) === 1n;",
    broken: "return false;",
    tests: ["cli/signals_test.ts"],
  },
  {
    file: "src/cli/terminal.ts",
    text: "if (error instanceof Deno.errors.BrokenPipe) return 0;",
    broken: "",
    tests: ["cli/streams_test.ts"],
  },
];
