/** A whole number with commas: 17,091,657. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** A count and its noun: `1 image`, `2,000 images`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in the decimal units that disks are sold in: `1.2 GB`. */
export function byteSize(bytes: number): string {
  let unit = 0;
  while (bytes >= 999.5 && unit < UNITS.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${unit === 0 || bytes >= 99.5 ? Math.round(bytes) : bytes.toFixed(1)} ${UNITS[unit]}`;
}
