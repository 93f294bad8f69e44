/**
 * What onnxruntime says of a network, for a person: its messages begin with places in its own sources and the signatures of
 * its functions, go on for lines, and end in the stacks of the libraries below it.
 */

/** "/src/core/arena.cc:360 void* ns::Arena::Allocate(size_t, bool) ", "utils.cc:17 GetData " */
const place =
  /(?:(?:[A-Za-z]:)?[\\/][^\s:'"]*[\\/])?\w+\.(?:cc|cpp|cu|h|hpp):\d+ (?:(?:[\w:<>,*&~]+ )*[\w:<>,*&~]+::[\w:<>,*&~]+\([^()\n]*\)(?: const)?|\w+) ?/g;
/** "::<lambda()> adapter_result.status == Success was false. " before the reason. */
const condition = /^.*\bwas false\. (?=\S)/;
const atNode = /^Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /;
/** A line of a stack, or of what a library was at. */
const ofStack = /^\s*(?:at |#?\d+[:#]? +0x|\[?0x[\da-f]+\b|Stack ?trace\b|- While\b)/i;

const smaller = "use a smaller batch, or smaller pictures";

/** What it says in a way of its own: what was got, what is expected, and what can be done. */
const rows: readonly (readonly [said: RegExp, told: (...parts: string[]) => string])[] = [
  [
    /Invalid rank for input: (.+?) Got: (\d+) Expected: (\d+).*/,
    (_, input, got, expected) => `input "${input}" has ${got} dimensions where ${expected} are expected`,
  ],
  [
    /Got invalid dimensions for input: (.+?) for the following indices((?: index: \d+ Got: \S+ Expected: \S+)+).*/,
    (_, input, indices) =>
      `input "${input}" has other dimensions than expected: ${indices
        .trim()
        .replace(
          / ?index: (\d+) Got: (\S+) Expected: (\S+)/g,
          (_, axis, got, expected) => `, axis ${axis} is ${got}, not ${expected}`,
        )
        .slice(2)}`,
  ],
  [
    /Unexpected input data type\. Actual: \(tensor\((\w+)\)\) ?, expected: \(tensor\((\w+)\)\)/,
    (_, got, expected) => `an input is ${got} where ${expected} is expected`,
  ],
  [/input '(.+)' is missing in 'feeds'\.?/, (_, input) => `input "${input}" is missing`],
  [/'fetches' contains invalid output name: (.+?)\.?$/, (_, output) => `it has no output "${output}"`],
  [
    /Failed to allocate memory for requested buffer of size (\d+)/,
    (_, bytes) => `there is no room for ${sizeOf(bytes)} more: ${smaller}`,
  ],
  [
    /Available memory of (\d+) is smaller than requested bytes of (\d+)/,
    (_, free, bytes) => `there is no room for ${sizeOf(bytes)} more, with ${sizeOf(free)} free: ${smaller}`,
  ],
  [
    /(?:CUDA (?:failure|error) 2: |CUDA_ERROR_|VK_ERROR_)?out[ _]of[ _](?:device[ _])?memory\b.*/i,
    () => `out of memory: ${smaller}`,
  ],
  [
    /(?:This is an invalid model\. )?In Node, \("([^"]*)".*No Op registered for (\S+) with domain_version of (\d+)/,
    (_, node, op, opset) =>
      `node "${node}": there is no operator ${op} in opset ${opset}: export it with the opset that the operator is of, or without it`,
  ],
  [
    /(?:Fatal error: )?(\S+?):(\w+)\(-?\d+\) is not a registered function\/op/,
    (_, domain, op) => `there is no operator ${op} of ${domain}: export it with operators of ONNX alone`,
  ],
  [
    /ONNX Runtime only \*guarantees\*.*?Opset (\d+) is under development.*domain (\S+) is till opset (\d+)\.?/,
    (_, got, domain, most) =>
      `it is of opset ${got}, and opsets of ${domain} are known up to ${most}: export it with that or an older one`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (_, got, most) =>
      `it is of IR version ${got}, and versions are known up to ${most}: save it by an older release of onnx`,
  ],
  [/.*protobuf parsing failed\.?.*/i, () => "protobuf parsing failed: the file is cut off, or no ONNX file"],
];

/** The reason on one line. */
export function nativeWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [at = "", op, name] = atNode.exec(message) ?? [];
  const line = message
    .slice(at.length)
    .replace(place, " ")
    .split("\n")
    .filter((one) => !ofStack.test(one))
    .join(" ")
    .replace(/\s+/g, " ")
    .replace(condition, "")
    .trim();
  const row = rows.find(([said]) => said.test(line));
  return `${op === undefined ? "" : `node "${name}" (${op}): `}${row ? line.replace(row[0], row[1]) : line}`;
}

/** "16 TiB" */
function sizeOf(bytes: string): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, Number(bytes))) / 10));
  return `${Number((Number(bytes) / 2 ** (10 * power)).toPrecision(3))} ${units[power]}`;
}
