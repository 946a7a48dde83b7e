import { join } from "node:path";
import { PROJECT } from "../run_unrec.ts";

/** A record as MXNet's Python reads it. */
export interface TheirRecord {
  key: number;
  /** 0 for a scalar label, else the number of labels. */
  flag: number;
  labels: number[];
  id: number;
  /** How many bytes its image has. */
  bytes: number;
  sha256: string;
}

/** `python_oracle.py`: RecordIO as MXNet's Python reads and writes it. It needs python3. */
export const ORACLE = {
  /** All records of a dataset, in the order of its index. */
  read: (folder: string): TheirRecord[] => run("read", folder),
  /** The images that arcface_torch trains from. */
  train: (folder: string): TheirRecord[] => run("train", folder),
  /** Reads a dataset and writes it again to a new folder. */
  rewrite: (from: string, to: string): void => void run("rewrite", from, to),
};

function run(...args: string[]): TheirRecord[] {
  const script = join(PROJECT, "tests/recordio/python_oracle.py");
  const { success, stdout, stderr } = new Deno.Command("python3", { args: [script, ...args] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
