/**
 * How NumPy pickles arrays, their types and single items of them.
 *
 * Sources: `array_reduce`, `array_setstate`, `array_reduce_ex_picklebuffer` and `arraydescr_reduce` of NumPy's
 * `numpy/_core/src/multiarray`, `_frombuffer` of `numpy/_core/numeric.py`.
 *
 * @module
 */
import { PickledBytes, PickledText } from "./literal.ts";
import { type ArrayContent, Dtype, Named, NumpyArray, Sequence, type Value } from "./values.ts";

/** Dimensions of an array: what NumPy takes. A pickle can name the same long shape again and again. */
const MOST_DIMENSIONS = 64;

/** Types of truths, whole numbers and fractions. */
const CODE = /^[biuf][1248]$/;

/**
 * The name that a value is.
 *
 * @param value Text, or bytes, which are text to Python 2.
 * @returns undefined if it is something else.
 */
export function nameOf(value: Value | undefined): string | undefined {
  return value instanceof PickledText || value instanceof PickledBytes ? value.name : undefined;
}

/**
 * `numpy.dtype("u1", False, True)`.
 *
 * @param args The arguments.
 */
export function makeDtype([code, align, copy, ...rest]: readonly Value[]): Dtype | undefined {
  const name = nameOf(code);
  if (name === undefined || !CODE.test(name) || !isTruth(align) || !isTruth(copy) || rest.length > 0) return undefined;
  return new Dtype(name);
}

/**
 * `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b"b")`: an array that is filled later.
 *
 * @param args The arguments.
 */
export function makeArray([type, shape, code, ...rest]: readonly Value[]): NumpyArray | undefined {
  const isEmpty = shape instanceof Sequence && shape.items.length === 1 && shape.items[0] === 0;
  const isPlain = type instanceof Named && type.name === "numpy.ndarray" && nameOf(code) === "b" && rest.length === 0;
  return isEmpty && isPlain ? new NumpyArray() : undefined;
}

/**
 * `numpy.core.numeric._frombuffer(data, dtype, shape, "C")`, as protocol 5 has it.
 *
 * @param args The arguments.
 */
export function arrayFromBuffer([data, dtype, shape, order, ...rest]: readonly Value[]): NumpyArray | undefined {
  const content = contentOf(shape, dtype, data);
  if (content === undefined || nameOf(order) === undefined || rest.length > 0) return undefined;
  return new NumpyArray(content);
}

/**
 * `numpy.core.multiarray.scalar(dtype, b"\x01")`: one item, which is a truth or a whole number.
 *
 * @param args The arguments.
 */
export function makeScalar([dtype, data, ...rest]: readonly Value[]): number | undefined {
  const content = contentOf(new Sequence("tuple", []), dtype, data);
  return content === undefined || rest.length > 0 ? undefined : wholeNumbers(content)?.[0];
}

/**
 * Fills what was made before.
 *
 * @param target An array or a type.
 * @param state What it is filled with: `(1, shape, dtype, False, data)`, or `(3, "|", None, None, None, -1, -1, 0)`.
 * @returns Whether that is what NumPy writes.
 */
export function fill(target: Value, state: readonly Value[]): boolean {
  if (target instanceof Dtype) return isPlainType(state);
  const [version, shape, dtype, isFortran, data, ...rest] = state;
  const content = contentOf(shape, dtype, data);
  if (!(target instanceof NumpyArray) || content === undefined) return false;
  // In which order dimensions are makes no difference in one row.
  if (version !== 1 || !isTruth(isFortran) || rest.length > 0) return false;
  target.content = content;
  return true;
}

/** Whether the state of a type is that of one without parts, in the byte order of nearly all machines. */
function isPlainType([version, order, ...rest]: readonly Value[]): boolean {
  const isOrder = ["|", "<"].includes(nameOf(order) ?? "");
  // Subtype, names and fields; then size, alignment and flags, which only types of no fixed size have.
  const isPlain = rest.length === 6 && rest.every((part, i) => part === (i < 3 ? null : i < 5 ? -1 : 0));
  return version === 3 && isOrder && isPlain;
}

function isTruth(value: Value | undefined): boolean {
  return typeof value === "boolean" || value === 0 || value === 1;
}

/** What is in an array; undefined if it has not just as many items as its shape says. */
function contentOf(shape: Value, dtype: Value, data: Value): ArrayContent | undefined {
  if (!(shape instanceof Sequence && dtype instanceof Dtype && data instanceof PickledBytes)) return undefined;
  if (shape.items.length > MOST_DIMENSIONS) return undefined;
  const sizes: number[] = [];
  let bytes = dtype.itemBytes;
  for (const size of shape.items) {
    if (typeof size !== "number" || size < 0) return undefined;
    sizes.push(size);
    bytes *= size;
  }
  return bytes === data.bytes.length ? { dtype, shape: sizes, data } : undefined;
}

/**
 * The items of an array of truths or whole numbers.
 *
 * @param content What is in it.
 * @returns Numbers; those below 0 and above 2^53 are not exact, but others than 0 and 1. undefined if the items are
 * fractions.
 */
export function wholeNumbers({ dtype, data }: ArrayContent): number[] | undefined {
  if (dtype.code.startsWith("f")) return undefined;
  const { bytes } = data;
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; at += dtype.itemBytes) {
    let number = 0;
    for (let i = dtype.itemBytes - 1; i >= 0; i--) number = 256 * number + bytes[at + i];
    numbers.push(number);
  }
  return numbers;
}

/**
 * Whether the items of an array are in one row. OpenCV gives an encoded image as one column, of the shape (4178, 1).
 *
 * @param content What is in it.
 */
export function isRow({ shape }: ArrayContent): boolean {
  return shape.length > 0 && shape.filter((size) => size !== 1).length <= 1;
}
