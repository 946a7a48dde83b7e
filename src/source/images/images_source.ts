import type { DatasetFacts } from "../../dataset/dataset.ts";
import { DatasetIndex } from "../../dataset/dataset_index.ts";
import type { ImagesFacts } from "../../dataset/images_facts.ts";
import { LabelList } from "../../dataset/label_list.ts";
import { LabelSet } from "../../dataset/label_set.ts";
import { flatLayout } from "../../dataset/layout.ts";
import { Runs } from "../../dataset/runs.ts";
import { withChoice } from "../../dataset/selection/choose_images.ts";
import type { Selection } from "../../dataset/selection/selection.ts";
import { type OpenFiles, type ReadOptions, type Survey, Unindexed } from "../../dataset/survey.ts";
import { UnrecError } from "../../errors.ts";
import type { EngineName } from "../../recordio/types.ts";
import { loadEngine } from "../../wasm/load_engine.ts";
import { DatasetSource } from "../dataset_source.ts";
import type { FileFacts } from "../file_facts.ts";
import type { FoundSource, SourceOptions } from "../source.ts";
import { findFolderImages } from "./folder_images.ts";
import type { FoundImages } from "./image_groups.ts";
import { ImageRecords, type ImagesSpec, placeImages } from "./image_records.ts";
import { findListedImages } from "./listed_images.ts";

/** What is read of a path: a folder that has one for each person, or a list. */
const LOOKS = { folder: findFolderImages, list: findListedImages };

/** Images that are files: in a folder that has one for each person, or named by a list. */
export class ImagesPlace implements FoundSource {
  readonly kind = "images";
  /** The folder, or the list. */
  readonly path: string;
  readonly paths: readonly string[];
  readonly select: Selection | undefined;
  readonly #from: keyof typeof LOOKS;
  #found: FoundImages | undefined;

  /**
   * @param path The folder, or the list.
   * @param from Which of both it is.
   * @param select Which images are wanted, if not all are.
   */
  constructor(path: string, from: keyof typeof LOOKS, select?: Selection) {
    this.path = path;
    this.paths = [path];
    this.select = select;
    this.#from = from;
  }

  selecting(selection: Selection): ImagesPlace {
    return new ImagesPlace(this.path, this.#from, selection);
  }

  /** The bytes of all images. */
  get bytes(): number {
    return this.#look().sizes.reduce((sum, size) => sum + size, 0);
  }

  facts(): FileFacts[] {
    const { changed, names } = this.#look();
    return [{ name: "images", size: this.bytes, time: new Date(changed).toISOString(), names }];
  }

  async open({ engine = "wasm", ...options }: SourceOptions): Promise<ImagesSource> {
    const found = this.#look();
    const { classes, unlike, left, labelsALine } = found;
    const { spec, offsets } = placeImages(this.path, found);
    const keys = new Runs();
    keys.append(0, offsets.length);
    const index = new DatasetIndex(offsets, keys, true, 0);
    const layout = flatLayout(index, "first");
    const list = { path: this.path, by: "place", labelsALine, otherKeys: 0 } as const;
    const labels = new LabelList(list, index, layout, found.labels);
    const how = { ...options, engine: await loadEngine(engine) };
    const records = new ImageRecords(spec);
    const survey = await withChoice(
      { records },
      { index, layout, unindexed: new Unindexed(), labels },
      how,
      this.select,
    );
    const people = new LabelSet();
    for (const label of found.labels) people.add(label);
    const facts: ImagesFacts = {
      from: this.#from,
      labels: people.size,
      named: classes !== undefined,
      ...unlike === undefined ? {} : { unlike },
      labelsALine,
      left,
    };
    return new ImagesSource({ found: this, reader: spec, engine }, { records }, survey, how, { facts, classes });
  }

  /** Looks at all images, once. */
  #look(): FoundImages {
    const found = this.#found ??= LOOKS[this.#from](this.path);
    if (found.sizes.length > 0) return found;
    throw new UnrecError(`Cannot read the images of ${this.path}: there is none`);
  }
}

/** What is known of images that are files besides what is known of each dataset. */
interface KnownImages {
  facts: ImagesFacts;
  classes: readonly string[] | undefined;
}

/** Images that are files, read as the dataset that they would make. */
class ImagesSource extends DatasetSource {
  readonly classes: readonly string[] | undefined;
  readonly #images: ImagesFacts;

  constructor(
    origin: { found: ImagesPlace; reader: ImagesSpec; engine: EngineName },
    files: OpenFiles,
    survey: Survey,
    options: ReadOptions,
    { facts, classes }: KnownImages,
  ) {
    super(origin, files, survey, options);
    this.#images = facts;
    this.classes = classes;
  }

  override get facts(): DatasetFacts {
    const { labelList: _, ...facts } = super.facts;
    return { ...facts, images: this.#images };
  }

  override labels(): Promise<number> {
    return Promise.resolve(this.#images.labels);
  }
}
