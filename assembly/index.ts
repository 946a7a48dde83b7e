export { findMagic } from "./magic_search";
export { scanIndex } from "./index_scan";
export { scanRecords } from "./record_scan";
