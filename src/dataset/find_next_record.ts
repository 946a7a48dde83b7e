import {
  CFLAG,
  FRAME_HEADER_BYTES,
  frameBytes,
  IR_HEADER_BYTES,
  LENGTH_BITS,
  MAGIC,
  MAX_RECORD_BYTES,
} from "../recordio/constants.ts";
import { IMAGE_END_BYTES, imageForm } from "../recordio/image_form.ts";
import type { RecordWindow } from "./record_window.ts";

/**
 * Finds the next record behind damage: the next magic word at a multiple of 4 that begins a plausible frame. A frame is
 * plausible if it begins a record, lies within the file, has an image header that makes sense, and is followed by
 * another frame or by the end of the file; if what follows is damaged too, an image that begins and ends as JPEG or PNG
 * do speaks for it.
 *
 * Such a word in the middle of a record is no plausible beginning: where data holds the word, the writer cuts a record
 * and leaves the word out.
 *
 * @param window Where it reads; what it holds afterwards is up to the search.
 * @param from Byte of the file, not beyond its end, from which on to search.
 * @yields After each read.
 * @returns Byte of the file where the record begins; the file's size if there is none.
 * @throws {UnrecError} If the file cannot be read.
 */
export function* findNextRecord(window: RecordWindow, from: number): Generator<void, number> {
  const { source, scanner } = window;
  let position = window.goTo(Math.min(source.bytes, from + (4 - from % 4) % 4));
  for (;;) {
    const found = scanner.findMagic(position, window.filled);
    if (found < window.filled) {
      if (isPlausible(window, window.offset + found)) return window.offset + found;
      position = found + 4;
      continue;
    }
    const rest = Math.max(position, window.filled - window.filled % 4);
    if (window.offset + rest + 4 > source.bytes) return source.bytes;
    position = window.readOn(rest, 4, source.bytes);
    yield;
  }
}

function isPlausible(window: RecordWindow, offset: number): boolean {
  const head = window.peek(offset, FRAME_HEADER_BYTES + IR_HEADER_BYTES);
  if (head.length < FRAME_HEADER_BYTES + IR_HEADER_BYTES) return false;
  const frame = new DataView(head.buffer);
  const { cflag, length } = splitLrec(frame.getUint32(4, true));
  if (cflag !== CFLAG.WHOLE && cflag !== CFLAG.FIRST) return false;
  const next = offset + frameBytes(length);
  if (next > window.source.bytes) return false;
  if (cflag === CFLAG.FIRST) return cflagAt(window, next, [CFLAG.MIDDLE, CFLAG.LAST]);

  const labels = frame.getUint32(FRAME_HEADER_BYTES, true);
  if (length < IR_HEADER_BYTES || labels > (length - IR_HEADER_BYTES) >>> 2) return false;
  if (next === window.source.bytes || cflagAt(window, next, [CFLAG.WHOLE, CFLAG.FIRST])) return true;
  const begin = offset + FRAME_HEADER_BYTES + IR_HEADER_BYTES + 4 * labels;
  const end = offset + FRAME_HEADER_BYTES + length;
  const ends = new Uint8Array(2 * IMAGE_END_BYTES);
  ends.set(window.peek(begin, IMAGE_END_BYTES));
  ends.set(window.peek(end - IMAGE_END_BYTES, IMAGE_END_BYTES), IMAGE_END_BYTES);
  return end - begin >= ends.length && imageForm(ends, 0, ends.length) === "whole";
}

function cflagAt(window: RecordWindow, offset: number, allowed: number[]): boolean {
  const header = window.peek(offset, FRAME_HEADER_BYTES);
  if (header.length < FRAME_HEADER_BYTES) return false;
  const frame = new DataView(header.buffer);
  return frame.getUint32(0, true) === MAGIC && allowed.includes(splitLrec(frame.getUint32(4, true)).cflag);
}

function splitLrec(lrec: number): { cflag: number; length: number } {
  return { cflag: lrec >>> LENGTH_BITS, length: lrec & MAX_RECORD_BYTES };
}
