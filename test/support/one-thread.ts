/**
 * Networks of tests run on one thread each. Left to itself, onnxruntime takes one a core, and those that wait for work spin:
 * between test files that want the same cores, a run then costs more than twice the processor.
 */
const commands = new Set(["evaluate", "run", "sample", "serve", "worker"]);

/** A command line that says so, where it runs networks and says nothing of threads. */
export const onOneThread = (args: readonly string[]): readonly string[] =>
  commands.has(args[0]) && !args.includes("--threads") ? [...args, "--threads", "1"] : args;
