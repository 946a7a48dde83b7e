import { BlockCache } from "../bytes/block_cache.ts";
import { httpAddress, isSameOrigin, nameOfUrl, withoutSecrets } from "../bytes/http_address.ts";
import { findHttpFile, type HttpOptions, type HttpSpec } from "../bytes/http_file.ts";
import { HttpSource, strongEtag } from "../bytes/http_source.ts";
import { MergedRanges } from "../bytes/merged_ranges.ts";
import { PATIENCE, type Patience } from "../bytes/patience.ts";
import { ReadAhead } from "../bytes/read_ahead.ts";
import { type ByteSource, readFully } from "../bytes/reading.ts";
import { noTraffic, type Traffic } from "../bytes/traffic.ts";
import { UnrecError } from "../errors.ts";
import { RECORD_CHUNK_BYTES } from "../recordio/types.ts";
import { type DatasetFilesAt, PROPERTY_BYTES } from "./dataset_files.ts";
import { DatasetPlace } from "./dataset_source.ts";
import { type FileFacts, firstLine } from "./file_facts.ts";

/** What opens files at URLs. */
export interface UrlAccess {
  /**
   * Headers for the hosts of the URLs that are given. They are sent nowhere else, also not where those redirect to.
   *
   * @default {[]}
   */
  headers?: readonly [name: string, value: string][];
  /**
   * Where `hf://` is.
   *
   * @default {"https://huggingface.co"}
   */
  hub?: string;
  /** What opens private datasets there. It is sent nowhere else. */
  hubToken?: string;
}

/** Who mistypes a host should not wait for long. */
const FIRST_LOOK: Patience = { ...PATIENCE, tries: 3 };

const HUB = "https://huggingface.co";

/** Archives, whose names tell that no index lies beside them. */
const ARCHIVE_NAME = /\.(tar|tgz|tar\.\w+|zip|7z|rar)$/i;

/**
 * Whether a path is the URL of a file that is read where it is.
 *
 * @param path As it was given.
 */
export function isRemote(path: string): boolean {
  return /^(https?|hf):\/\//i.test(path);
}

/**
 * Finds a dataset at a URL: a `.rec` file, or the folder of a `train.rec`, with its index beside it. Its size and version
 * are found out at once.
 *
 * @param text The URL, or `hf://datasets/OWNER/NAME[@REVISION]/PATH` on the Hub of Hugging Face.
 * @param access What opens it.
 * @param notice Told, in a sentence, where a change of a file would not be seen for sure.
 * @throws {UnrecError} If there is none, or it cannot be read in parts.
 */
export async function findAtUrl(
  text: string,
  access: UrlAccess,
  notice: (message: string) => void,
): Promise<DatasetPlace> {
  const { headers = [], hub = HUB, hubToken } = access;
  const url = recordsUrl(text, hub);
  const ofHub: [string, string][] = isSameOrigin(url.href, hub) && hubToken !== undefined
    ? [["Authorization", `Bearer ${hubToken}`]]
    : [];
  const end = new AbortController();
  const options: HttpOptions = { traffic: noTraffic(), patience: FIRST_LOOK, signal: end.signal };
  const find = (pathname: string) => {
    const beside = new URL(url);
    beside.pathname = pathname;
    return findHttpFile(httpAddress(beside.href, [...ofHub, ...headers]), options);
  };
  const { pathname } = url;
  const looks = [pathname, pathname.replace(/\.rec$/, ".idx"), pathname.replace(/[^/]*$/, "property")].map(find);
  const [records, index, property] = await Promise.all(looks).catch(async (error) => {
    // One that failed is told; the others need not be tried again.
    end.abort(error);
    await Promise.allSettled(looks);
    throw error;
  });
  if (records === undefined) {
    throw new UnrecError(`Cannot open the dataset ${nameOfUrl(url.href)}: the server has no such file`);
  }
  for (const file of [records, index]) {
    if (file === undefined || strongEtag(file) !== undefined) continue;
    const by = file.modified === undefined ? "only its size tells" : "only its date and size tell";
    notice(`${nameOfUrl(file.url)}: the server gives no strong ETag, so ${by} whether it changes`);
  }
  const indexName = nameOfUrl(url.href).replace(/\.rec(?=$|\?)/, ".idx");
  const first = property && await readFirstLine(property, options.traffic);
  return new DatasetPlace(new FilesAtUrl(records, index, indexName, first, options.traffic));
}

/** The URL of the record file that is meant. */
function recordsUrl(text: string, hub: string): URL {
  const url = URL.parse(isHub(text) ? hubUrl(text, hub) : text);
  if (url === null) throw new UnrecError(`Cannot open the dataset ${withoutSecrets(text)}: it is no URL`);
  const name = nameOfUrl(url.href);
  if (ARCHIVE_NAME.test(url.pathname)) {
    const cannot = `Cannot open ${name}: an archive is not read from a URL`;
    if (!/\.(tar|tgz|tar\.gz)$/i.test(url.pathname)) throw new UnrecError(cannot, { kind: "store-in-file" });
    throw new UnrecError(cannot, { kind: "pipe", commands: [["curl", "-fL", name]] });
  }
  if (!url.pathname.endsWith(".rec")) url.pathname = `${url.pathname.replace(/\/?$/, "/")}train.rec`;
  return url;
}

function isHub(text: string): boolean {
  return /^hf:/i.test(text);
}

/** What a path of the Hub's own tools means there: that of the version, and the file in it. */
function hubUrl(text: string, hub: string): string {
  const parts = /^hf:\/\/datasets\/([^/@]+)\/([^/@]+)(?:@([^/]+))?(\/.*)?$/i.exec(text);
  if (parts === null) {
    throw new UnrecError(
      `Cannot open the dataset ${withoutSecrets(text)}: give hf://datasets/OWNER/NAME[@REVISION]/PATH`,
    );
  }
  const [, owner, name, revision = "main", path = "/"] = parts;
  const version = encodeURIComponent(decodeURIComponent(revision));
  return `${hub.replace(/\/$/, "")}/datasets/${owner}/${name}/resolve/${version}${path}`;
}

async function readFirstLine(spec: HttpSpec, traffic: Traffic): Promise<string | undefined> {
  using source = new HttpSource(spec, { traffic });
  const bytes = new Uint8Array(Math.min(PROPERTY_BYTES, source.size));
  return firstLine(new TextDecoder().decode(bytes.subarray(0, await readFully(source, 0, bytes))));
}

/** The files of a dataset at a URL. */
class FilesAtUrl implements DatasetFilesAt {
  readonly records: string;
  readonly index: string;
  readonly property: string | undefined;
  readonly spec: HttpSpec;
  readonly traffic: Traffic;
  readonly #index: HttpSpec | undefined;

  constructor(
    records: HttpSpec,
    index: HttpSpec | undefined,
    indexName: string,
    property: string | undefined,
    traffic: Traffic,
  ) {
    this.records = nameOfUrl(records.url);
    this.index = indexName;
    this.property = property;
    this.spec = records;
    this.traffic = traffic;
    this.#index = index;
  }

  /** Those of the files that were found: what is read of another version is an error at once. */
  facts(): FileFacts[] {
    return [factsOf("records", this.spec), factsOf("index", this.#index)];
  }

  openRecords(): ByteSource {
    return this.#pieces(this.spec);
  }

  openIndex(wanted: "all" | "pieces"): ByteSource | undefined {
    if (this.#index === undefined) return undefined;
    if (wanted === "pieces") return this.#pieces(this.#index);
    const source = new ReadAhead(new HttpSource(this.#index, { traffic: this.traffic }), RECORD_CHUNK_BYTES);
    source.goTo(0, source.size);
    return source;
  }

  #pieces(spec: HttpSpec): ByteSource {
    return new BlockCache(new MergedRanges(new HttpSource(spec, { traffic: this.traffic })));
  }
}

/** By what a file at a URL is known again: its ETag, or where there is no strong one, its date. */
function factsOf(name: string, spec: HttpSpec | undefined): FileFacts {
  if (spec === undefined) return { name, size: null, time: null };
  const etag = strongEtag(spec);
  if (etag !== undefined) return { name, size: spec.size, time: null, etag };
  const time = new Date(spec.modified ?? NaN);
  return { name, size: spec.size, time: Number.isNaN(time.getTime()) ? null : time.toISOString() };
}
