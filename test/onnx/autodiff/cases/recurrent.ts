import type { recurrent } from "../../../../onnx/autodiff/rules/recurrent.ts";
import { floats, type GradientCase, type Operand } from "../../../support/check-gradient.ts";

/** Weights of a layer of hidden size 2 over 3 features. */
const random = (dims: readonly number[], seed: number): Operand => {
  const count = dims.reduce((a, b) => a * b, 1);
  return floats(
    Array.from({ length: count }, (_, i) => Math.sin(seed + 7 * i + i * i) * 0.7),
    dims,
  );
};
const [steps, batch, features, hidden] = [4, 2, 3, 2];

/** Y, Y_h and, for LSTM, Y_c of every form that exporters write. */
const layers = (gates: number, states: number, attrs: GradientCase["attrs"] = {}): GradientCase[] => {
  const layer = (directions: number, given: boolean, bias: boolean, more: GradientCase["attrs"]): GradientCase => ({
    x: [
      [steps, batch, features],
      random([directions, gates * hidden, features], 1),
      random([directions, gates * hidden, hidden], 2),
      bias ? random([directions, 2 * gates * hidden], 3) : null,
      null,
      ...(given ? Array.from({ length: states - 1 }, () => [directions, batch, hidden]) : []),
    ],
    attrs: { hidden_size: hidden, ...attrs, ...more },
    outputs: Array.from({ length: states }, () => true),
  });
  /** With respect to its weights. */
  const learnt = (given: GradientCase): GradientCase => ({
    ...given,
    x: given.x.map((one) => (one && "dims" in one ? { ...one, constant: false } : one)),
    wrt: [1, 2, 3],
  });
  // Scan runs on the CPU; one case shows that the rest goes along on WebGPU, where opening a session is slow.
  const elsewhere = { not: ["webgpu"] } as const;
  return [
    layer(1, false, true, {}),
    { ...learnt(layer(2, true, true, { direction: "bidirectional" })), ...elsewhere },
    { ...layer(1, true, true, { direction: "reverse" }), ...elsewhere },
    { ...layer(2, true, true, { direction: "bidirectional" }), ...elsewhere },
    { ...layer(1, true, false, {}), outputs: [true], ...elsewhere },
    { ...layer(1, true, false, {}), outputs: states === 3 ? [false, true, false] : [false, true], ...elsewhere },
  ];
};

export const recurrentCases = {
  RNN: [...layers(1, 2), ...layers(1, 2, { activations: ["Sigmoid", "Sigmoid"] }).slice(2, 3)],
  GRU: [...layers(3, 2, { linear_before_reset: 1 }), ...layers(3, 2)],
  LSTM: layers(4, 3),
} satisfies Record<keyof typeof recurrent, readonly GradientCase[]>;
