/** A process that runs the smallest model on a backend, which may end it: `probe.js BACKEND`. Says which, and why not. */
import { type Backend, chooseProvider, whyUnusable } from "../providers/choose.ts";

const said: string[] = [];
try {
  const provider = await chooseProvider(process.argv[2] as Backend, { threads: 1 }, (line) => said.push(line));
  const began = performance.now();
  const reason = await whyUnusable(provider);
  process.send?.({ name: provider.name, reason, said, ms: performance.now() - began });
} catch (error) {
  process.send?.({
    name: process.argv[2],
    reason: error instanceof Error ? error.message : String(error),
    said,
    ms: 0,
  });
}
process.disconnect?.();
