/** What a checkpoint's tensors are, where they make no ADM network: told by names that certain programs give, with what to do. */
import type { StateDict } from "../checkpoint/index.ts";

const exported = "a network of another kind is read from ONNX (torch.onnx.export)";

const kinds: readonly (readonly [names: RegExp, sentence: string])[] = [
  [
    /(?:^|\.)state\.\d+\.(?:exp_avg|momentum_buffer|square_avg)$/,
    "it holds the state of an optimiser: the weights are in another file of that training (ema_….pt, model….pt)",
  ],
  [
    /shadow_params\.\d+$/,
    "it holds averaged weights without their names: copy them into the model, and save its state_dict()",
  ],
  [/[._]lora_?(?:up|down|A|B)\b/, "it holds a LoRA, which changes the weights of a network: merge it into that one"],
  [
    /\.transformer_blocks\.\d+\.attn2\./,
    `it is a UNet with cross-attention, as of latent diffusion (SpatialTransformer): ${exported}`,
  ],
  [/(?:^|\.)(?:down_blocks|up_blocks)\.\d+\.resnets\./, `it is a UNet of diffusers: ${exported}`],
];

/** The longest name of a tensor that is looked at. */
const mostLetters = 1024;

/** A sentence, or undefined for what nothing tells. `name`: the file's. */
export function otherNetwork(state: StateDict, name: string): string | undefined {
  const [, part, parts] = /-(\d{5})-of-(\d{5})\b/.exec(name) ?? [];
  if (part !== undefined)
    return `it is part ${Number(part)} of ${Number(parts)} of a checkpoint: join them, and save one state_dict()`;
  const names = [...state.keys()].filter(({ length }) => length <= mostLetters);
  return kinds.find(([pattern]) => names.some((one) => pattern.test(one)))?.[1];
}

/** Of tensors from which no structure can be read at all. */
export function noNetwork(state: StateDict): string {
  const ends = ["time_embed.0.weight", "input_blocks.0.0.weight", "out.0.weight"];
  const lacks = ends.filter((end) => !state.has(end));
  return lacks.length > 0 && lacks.length < ends.length
    ? `it holds only a part of an ADM network: it has no ${lacks.join(", no ")}`
    : `its tensors are not those of a UNetModel, SuperResModel or EncoderUNetModel of guided-diffusion: ${exported}`;
}
