/**
 * Networks of tests run on one thread each. Left to itself, onnxruntime takes one a core, and those that wait for work spin:
 * between test files that want the same cores, a run then costs more than twice the processor.
 */
const commands = new Set(["evaluate", "run", "sample", "serve", "worker"]);

/** A command line that says so, where it runs networks and says nothing of threads. */
export const onOneThread = (args: readonly string[]): readonly string[] =>
  commands.has(args[0]) && !args.includes("--threads") ? [...args, "--threads", "1"] : args;

/** Calls in a source of a test that make a session or a provider, and do not say that it has one thread. */
export const onManyThreads = (source: string): readonly string[] =>
  Object.entries({
    "InferenceSession\\.create": /\bintraOpNumThreads: 1\b/,
    "(?:native|wasm)Provider": /\bthreads: 1\b/,
  }).flatMap(([callee, says]) =>
    [...source.matchAll(new RegExp(`\\b${callee}(?=\\()`, "g"))]
      .map(({ 0: name, index }) => name + inBrackets(source, index + name.length))
      .filter((call) => !says.test(withOptions(call, source))),
  );

/** From an opening bracket to the one that closes it. */
function inBrackets(source: string, from: number): string {
  let depth = 0;
  for (let i = from; i < source.length; i++) {
    if ("([{".includes(source[i])) depth++;
    if (")]}".includes(source[i]) && --depth === 0) return source.slice(from, i + 1);
  }
  return source.slice(from);
}

/** A call whose last argument is a name, with what that name is. */
function withOptions(call: string, source: string): string {
  const [, name] = /, (\w+)\)$/.exec(call) ?? [];
  const declared = name === undefined ? -1 : source.search(new RegExp(`\\bconst ${name}\\b[^=]*= \\{`));
  return declared < 0 ? call : call + inBrackets(source, source.indexOf("{", declared));
}
