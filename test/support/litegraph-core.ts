/** litegraph's core build by itself: test files share a process, and each registers nodes of its own by the same names. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** A copy that nobody else has. */
export function ownLiteGraph<T>(): T {
  const path = require.resolve("litegraph.js/build/litegraph.core.js");
  delete require.cache[path];
  const copy = require(path) as T;
  delete require.cache[path];
  return copy;
}
