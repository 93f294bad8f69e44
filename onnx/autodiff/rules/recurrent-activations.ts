/** The activations of recurrent layers that PyTorch writes, each with its derivative. */
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext } from "../rule.ts";

export interface Activation {
  value(c: RuleContext, x: Value): Value;
  /** Derivative from the value. */
  slope(c: RuleContext, y: Value): Value;
}

const activations: Readonly<Record<string, Activation>> = {
  sigmoid: { value: ({ op }, x) => op.Sigmoid(x), slope: ({ op }, y) => op.Mul(y, op.Sub(1, y)) },
  tanh: { value: ({ op }, x) => op.Tanh(x), slope: ({ op }, y) => op.Sub(1, op.Mul(y, y)) },
  relu: { value: ({ op }, x) => op.Relu(x), slope: ({ op }, y) => op.Sign(y) },
};

/**
 * The activation of that name, in any case of letters.
 *
 * @throws GradientError naming the layer and the activation, where there is none.
 */
export function activationOf({ error }: RuleContext, name: string): Activation {
  const activation = activations[name.toLowerCase()];
  if (!activation) throw error(`no gradient of its activation ${name}`);
  return activation;
}
