/**
 * What a file is, from its first bytes: for files that should hold records or an index and hold something else, such as
 * the web page of a download quota. A kind is a row of a table.
 *
 * Sources of the magic numbers are the formats' own documents: APPNOTE.TXT (ZIP), RFC 1952 (gzip), RFC 8878 (Zstandard),
 * POSIX.1-2001 (tar), "TFRecord and tf.train.Example" of TensorFlow, the Git LFS specification, "Common Data Formats for
 * Training" of SageMaker, `lmdb.h`, and so on.
 *
 * @module
 */

import { FRAME_HEADER_BYTES, MAGIC } from "../recordio/constants.ts";
import { payloadKind, type PayloadName } from "../recordio/payload_kind.ts";

/** A kind of file. */
export interface FileKind {
  /** Its name, for programs. */
  readonly name: string;
  /** What such a file is, for a sentence that begins with its path: "a web page". */
  readonly what: string;
  /** What the names of such files end in, for archives and for what is compressed. */
  readonly ending?: string;
  /** The program that inflates it, with `-d`, for what is compressed. */
  readonly inflater?: string;
  /** Whether it is an archive that another program has to unpack. */
  readonly foreignArchive?: true;
  /** What reads such files, for data in which there are no image records. */
  readonly reader?: string;
}

/** Bytes from a file's beginning on that tell what it is. */
export const HEAD_BYTES = 4096;

/** The beginning of a file: its bytes, and what they are as text without white space around it; empty if they are none. */
interface Head {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** A row of the table: whether a file is of this kind, and what of its text is worth to be shown. */
interface Row extends FileKind {
  readonly tells: (head: Head) => boolean;
  readonly shows?: (text: string) => string;
}

const IMAGES: readonly PayloadName[] = ["jpeg", "png", "gif", "webp", "bmp", "tiff"];

/** All kinds. What could be taken for another kind stands before that. */
const ROWS: readonly Row[] = [
  {
    name: "protobuf-records",
    what: "RecordIO of SageMaker, whose records are protobuf messages",
    reader: "SageMaker's own library",
    tells: ({ bytes }) => beginsWithMagic(bytes) && isProtobufRecord(bytes.subarray(FRAME_HEADER_BYTES)),
  },
  {
    name: "records",
    what: "a file of records (RecordIO)",
    ending: ".rec",
    tells: ({ bytes }) => beginsWithMagic(bytes),
  },

  // Archives, and what is compressed.
  { name: "npz", what: "a file of NumPy arrays (.npz)", reader: "numpy.load", tells: isZipOf(/^[^/]+\.npy$/) },
  { name: "torch", what: "a PyTorch checkpoint", reader: "torch.load", tells: isZipOf(/(^|\/)data\.pkl$/) },
  { name: "zip", what: "a ZIP archive", ending: ".zip", tells: begins(0, "PK\x03\x04", "PK\x05\x06", "PK\x07\x08") },
  { name: "tar", what: "a tar archive", ending: ".tar", tells: begins(257, "ustar") },
  { name: "gzip", what: "compressed with gzip", ending: ".gz", inflater: "gzip", tells: begins(0, "\x1f\x8b") },
  { name: "xz", what: "compressed with xz", ending: ".xz", inflater: "xz", tells: begins(0, "\xfd7zXZ\0") },
  {
    name: "zstd",
    what: "compressed with zstd",
    ending: ".zst",
    inflater: "zstd",
    // The second is a frame to be skipped, as pzstd writes it at the beginning.
    tells: ({ bytes }) =>
      stands(bytes, 0, "\x28\xb5\x2f\xfd") || bytes[0] >> 4 === 5 && stands(bytes, 1, "\x2a\x4d\x18"),
  },
  { name: "bzip2", what: "compressed with bzip2", ending: ".bz2", inflater: "bzip2", tells: isBzip2 },
  { name: "lz4", what: "compressed with lz4", ending: ".lz4", inflater: "lz4", tells: begins(0, "\x04\x22\x4d\x18") },
  { name: "7z", what: "a 7z archive", foreignArchive: true, tells: begins(0, "7z\xbc\xaf\x27\x1c") },
  { name: "rar", what: "a RAR archive", foreignArchive: true, tells: begins(0, "Rar!\x1a\x07") },

  // Other formats for data.
  { name: "tfrecord", what: "a TFRecord file", reader: "tf.data.TFRecordDataset", tells: isTfRecord },
  { name: "parquet", what: "a Parquet file", reader: "pyarrow", tells: begins(0, "PAR1") },
  { name: "arrow", what: "an Arrow file", reader: "pyarrow", tells: begins(0, "ARROW1\0\0") },
  { name: "hdf5", what: "an HDF5 file", reader: "h5py", tells: begins(0, "\x89HDF\r\n\x1a\n") },
  { name: "npy", what: "a NumPy array (.npy)", reader: "numpy.load", tells: isPayload("npy") },
  { name: "lmdb", what: "an LMDB database", reader: "Python's lmdb", tells: begins(16, "\xde\xc0\xef\xbe") },
  { name: "sqlite", what: "an SQLite database", reader: "sqlite3", tells: begins(0, "SQLite format 3\0") },
  {
    name: "params",
    what: "the parameters of an MXNet model",
    reader: "mxnet.nd.load",
    tells: begins(0, "\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
  },
  {
    name: "pickle",
    what: "a Python pickle, as the verification sets lfw.bin and cfp_fp.bin are",
    reader: "unrec pairs",
    tells: isPickle,
  },
  { name: "torrent", what: "a torrent, which only names files", reader: "a BitTorrent client", tells: isTorrent },
  ...IMAGES.map((name): Row => ({ name, what: `one image (${name.toUpperCase()})`, tells: isPayload(name) })),
  { name: "pdf", what: "a PDF document", tells: begins(0, "%PDF-") },

  // What a server or a download leaves in the place of a file, and other text.
  {
    name: "zeros",
    what: "zeros from its beginning on: room was made for a download, and the bytes did not come",
    tells: ({ bytes }) => bytes.every((byte) => byte === 0),
  },
  {
    name: "git-lfs",
    what: "a Git LFS pointer, which stands for a file that was not fetched",
    tells: ({ text }) => text.startsWith("version https://git-lfs.github.com/spec/"),
  },
  {
    name: "html",
    what: "a web page, as servers send it of a download quota or a login",
    tells: ({ text }) => /^<(!doctype html|(html|head|body|title|meta|script)\b)|^<[^]*<html\b/i.test(text),
    shows: (text) => /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? "",
  },
  {
    name: "xml",
    what: "XML, as servers send it with an error",
    tells: ({ text }) => /^<(\?xml|[a-z][\w:.-]*[\s/>])/i.test(text),
    shows: (text) => text.replace(/^<\?xml[^>]*>/, ""),
  },
  {
    name: "json",
    what: "JSON, as servers send it with an error",
    tells: ({ text }) => /^(\{\s*["}]|\[\s*[\]["{\dtfn-])/.test(text),
    shows: (text) => text,
  },
  {
    name: "index",
    what: "the text of an index (key TAB offset)",
    tells: ({ text }) => /^\d+\t\d+\r?(\n|$)/.test(text),
  },
  {
    name: "list",
    what: "a list of images (.lst), which im2rec packs into records",
    tells: ({ text }) => /^\d+\t(-?\d+(\.\d+)?(e[+-]?\d+)?\t)+\S*[a-z]/i.test(text),
  },
  { name: "utf-16", what: "text in UTF-16", tells: isUtf16 },
  { name: "text", what: "text", tells: ({ text }) => text !== "", shows: (text) => text },
];

/** What a file without a byte is. */
const EMPTY: FileKind = { name: "empty", what: "empty: 0 bytes; the download did not begin or was cut" };

/** A tar archive in gzip data. */
export const TAR_GZ: FileKind = { name: "tar.gz", what: "a tar archive, compressed with gzip", ending: ".tar.gz" };

/** Records of which none has the header of an image. */
export const OTHER_RECORDS: FileKind = {
  name: "other-records",
  what: "RecordIO, but its records lack the header that MXNet gives to images",
  reader: "mxnet.recordio.MXRecordIO",
};

/** The most characters of a text that are shown. */
const MOST_SHOWN = 60;

/**
 * Tells what a file is.
 *
 * @param bytes Its first bytes, at least {@linkcode HEAD_BYTES} or all that it has.
 * @returns undefined if they are of no kind that is known.
 */
export function fileKind(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length === 0) return EMPTY;
  const begin = bytes.subarray(0, HEAD_BYTES);
  const head: Head = { bytes: begin, text: textOf(begin) };
  const row = ROWS.find(({ tells }) => tells(head));
  if (row === undefined) return undefined;
  const { tells: _, shows, ...kind } = row;
  const shown = shows?.(head.text).replace(/\s+/g, " ").trim() ?? "";
  if (shown === "") return kind;
  const cut = shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}...` : shown;
  return { ...kind, what: `${kind.what}: "${cut}"` };
}

/** Text in UTF-8, or in some other character set where nearly all is ASCII; empty where there are control characters. */
function textOf(bytes: Uint8Array): string {
  if (bytes.some(isControl)) return "";
  try {
    // As a stream, for a character may be cut at the end.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }).trim();
  } catch {
    return new TextDecoder("windows-1252").decode(bytes).trim();
  }
}

/** Whether a byte is in no text: all below space, but for white space and escape, and DEL. */
function isControl(byte: number): boolean {
  return byte < 0x09 || byte > 0x0d && byte < 0x20 && byte !== 0x1b || byte === 0x7f;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Whether bytes stand at a place; a character stands for a byte. */
function stands(bytes: Uint8Array, at: number, wanted: string): boolean {
  return at + wanted.length <= bytes.length && latin1(bytes.subarray(at, at + wanted.length)) === wanted;
}

function begins(at: number, ...signatures: string[]): Row["tells"] {
  return ({ bytes }) => signatures.some((signature) => stands(bytes, at, signature));
}

function isPayload(name: PayloadName): Row["tells"] {
  return ({ bytes }) => payloadKind(bytes).name === name;
}

function beginsWithMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === MAGIC;
}

/**
 * Whether a payload is SageMaker's `Record`: its first field is the map `features` or `label`, and an entry of a map is
 * a name and a value. No image's header is like that: its first 4 bytes count labels, and this would be thousands.
 */
function isProtobufRecord(payload: Uint8Array): boolean {
  if (payload[0] !== 0x0a && payload[0] !== 0x12) return false;
  let at = 1;
  while (payload[at] > 0x7f && at < 5) at++;
  if (payload[++at] !== 0x0a) return false;
  const length = payload[at + 1];
  const name = payload.subarray(at + 2, at + 2 + length);
  return name.length > 0 && name.every((byte) => byte > 0x20 && byte < 0x7f) && payload[at + 2 + length] === 0x12;
}

/** Whether it is a ZIP archive whose first file has such a name. */
function isZipOf(name: RegExp): Row["tells"] {
  return ({ bytes }) => {
    if (!stands(bytes, 0, "PK\x03\x04") || bytes.length < 30) return false;
    return name.test(latin1(bytes.subarray(30, 30 + bytes[26] + 256 * bytes[27])));
  };
}

function isBzip2({ bytes }: Head): boolean {
  return stands(bytes, 0, "BZh") && stands(bytes, 4, "1AY&SY");
}

/** A TFRecord begins with the length of its first record, and a sum of these 8 bytes. */
function isTfRecord({ bytes }: Head): boolean {
  if (bytes.length < 12) return false;
  const sum = crc32c(bytes.subarray(0, 8));
  const masked = ((sum >>> 15 | sum << 17) + 0xa282ead8) >>> 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true) === masked;
}

/** CRC-32C (RFC 3720), bit by bit: it is for a few bytes. */
function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum >>> 1 ^ (0x82f63b78 & -(sum & 1));
  }
  return ~sum >>> 0;
}

/**
 * Protocols 2 to 5 begin with their number, then comes a frame, a list, a tuple, a dict, a text or the name of a type. In
 * the protocols before, a list or a dict begins with its place in a memory.
 */
function isPickle({ bytes }: Head): boolean {
  const begin = latin1(bytes.subarray(0, 8));
  // deno-lint-ignore no-control-regex
  return /^\x80[\x02-\x05][\x95\](}cX\x8cUK]/.test(begin) || /^\(*[ld]p\d+\n|^\(*[\]}]q[\0-\x02]/.test(begin);
}

function isTorrent({ bytes }: Head): boolean {
  return /^d\d+:(announce|comment|created|creation|encoding|info|nodes|url-list)/.test(latin1(bytes.subarray(0, 32)));
}

function isUtf16({ bytes }: Head): boolean {
  return stands(bytes, 0, "\xff\xfe") && bytes[3] === 0 || stands(bytes, 0, "\xfe\xff") && bytes[2] === 0;
}
