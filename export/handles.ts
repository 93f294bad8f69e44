/** Networks as nodes see them while a graph is traced: known by their files, and never run. */
import { type Context, GraphError, type ModelFile, type NetworkFacts } from "../nodes/index.ts";
import type { Network, Networks } from "../runtime/index.ts";
import type { Around } from "./traced.ts";

export function handlesOf(
  networks: Networks,
): Pick<Around, "network"> & { readonly models: Context["models"]; readonly opened: ReadonlySet<Network> } {
  const known = new Map<object, Network>();
  const opened = new Set<Network>();
  const open = async <T extends object>(
    role: "unet" | "classifier" | "network",
    file: ModelFile,
    handleOf: (shared: { readonly key: string; readonly facts: NetworkFacts }) => T,
  ): Promise<T> => {
    const network = await networks.network(role, file);
    const { facts } = network;
    const handle = handleOf({ key: facts.content, facts });
    opened.add(network);
    known.set(handle, network);
    return handle;
  };
  const notRun = (): never => {
    throw new GraphError("A network is not run while a graph is exported");
  };
  return {
    opened,
    network(handle) {
      const network = known.get(handle);
      if (!network) throw new GraphError("This network was not loaded from a file, so it cannot be exported");
      return network;
    },
    models: {
      unet: (file) => open("unet", file, (shared) => ({ ...shared, predict: notRun })),
      classifier: (file) => open("classifier", file, (shared) => ({ ...shared, logits: notRun })),
      network: (file) => open("network", file, (shared) => ({ ...shared, apply: notRun })),
      condFn: notRun,
      differentiated: notRun,
    },
  };
}
