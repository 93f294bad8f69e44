/** A process that runs the smallest model on a backend, which may end it: `probe.js BACKEND [NUMBER OF THE CARD]`. Says which, and why not. */
import { type Backend, chooseProvider, whyUnusable } from "../providers/choose.ts";

const said: string[] = [];
const [, , backend, card] = process.argv;
try {
  const provider = await chooseProvider(
    backend as Backend,
    { threads: 1, device: card === undefined ? undefined : Number(card) },
    (line) => said.push(line),
  );
  const began = performance.now();
  const reason = await whyUnusable(provider);
  const ms = performance.now() - began;
  const isCard = provider.name === "cuda" || provider.name === "webgpu";
  const half = provider.noHalf !== undefined ? `no float16: ${provider.noHalf}` : isCard ? "float16 too" : undefined;
  process.send?.({ name: provider.name, reason, said, ms, half });
} catch (error) {
  process.send?.({
    name: backend,
    reason: error instanceof Error ? error.message : String(error),
    said,
    ms: 0,
  });
}
process.disconnect?.();
