/** Networks over files in memory, on the processor unless another provider is given. */
import { bytesSource, type OnnxModel, writeModel } from "../../onnx/index.ts";
import { type BuiltModel, type Files, Networks, type NetworksOptions } from "../../runtime/index.ts";
import { nativeProvider } from "../../server/providers/native.ts";

export function memoryNetworks(
  content: ReadonlyMap<string, Uint8Array>,
  builds: (key: string) => void = () => {},
  options: Partial<NetworksOptions> = {},
): Networks {
  const files: Files = {
    async models(id) {
      const bytes = content.get(id);
      if (!bytes) return [];
      const sha256 = async () =>
        Buffer.from(await crypto.subtle.digest("SHA-256", bytes as BufferSource)).toString("hex");
      const beside = () => Promise.reject(new Error("nothing is beside it"));
      return [{ ...bytesSource(id, bytes), sha256, card: async () => undefined, beside }];
    },
    similar: async () => [],
    instead: async () => undefined,
    howToBring: () => "bring it",
    image: async () => undefined,
    tensor: async () => undefined,
  };
  const get = async (key: string, build: () => OnnxModel | Promise<OnnxModel>): Promise<BuiltModel> => {
    builds(key);
    const model = await writeModel(await build());
    return { bytes: model.length, model, external: [] };
  };
  const provider = async () => nativeProvider("cpu", { threads: 1 });
  return new Networks({ files, built: { builder: "test", get }, provider, maxSessionBytes: 1e9, ...options });
}
