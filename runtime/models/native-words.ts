/**
 * What onnxruntime says of a network, for a person: its messages begin with places in its own sources and the signatures of
 * its functions, and go on for lines.
 */

/** "/src/core/arena.cc:360 void* ns::Arena::Allocate(size_t, bool) ", "utils.cc:17 GetData " */
const place =
  /(?:(?:[A-Za-z]:)?[\\/][^\s:'"]*[\\/])?\w+\.(?:cc|cpp|cu|h|hpp):\d+ (?:(?:[\w:<>,*&~]+ )*[\w:<>,*&~]+::[\w:<>,*&~]+\([^()\n]*\)(?: const)?|\w+) ?/g;
/** "::<lambda()> adapter_result.status == Success was false. " before the reason. */
const condition = /^.*\bwas false\. (?=\S)/;
const atNode = /^Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /;

/** The reason on one line. */
export function nativeWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = message] = message
    .replace(atNode, (_, op, name) => `node "${name}" (${op}): `)
    .replace(place, " ")
    .replace(/ {2,}/g, " ")
    .split("\n")
    .filter((one) => one.trim() !== "");
  return line.replace(condition, "").trim();
}
