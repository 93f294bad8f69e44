/** A process that runs the smallest model on a backend, which may end it: `probe.js BACKEND [NUMBER OF THE CARD]`. Says which, and why not. */
import { type Backend, chooseProvider, whyUnusable } from "../providers/choose.ts";
import { isCard } from "../providers/device-list.ts";

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
  const without = provider.noHalf !== undefined && `no float16: ${provider.noHalf}`;
  const half = without || (isCard(provider.name) ? "float16 too" : undefined);
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
