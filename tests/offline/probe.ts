/** Loads what the tests need of JSR, and nothing else: it succeeds if that can be had. */
import "@std/assert";
