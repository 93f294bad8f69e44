/**
 * Operators of onnxruntime's that carry a state from call to call, in simpler ones: linear attention and the convolution before
 * it, as recurrent language models have them. Those of ai.onnx 27 are the same, and no runtime here loads that opset yet.
 */
import type { Value } from "../../rewrite/builder.ts";
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row } from "../../rewrite/row.ts";

/** A position that is written out costs ten nodes. */
const maxPositions = 64;

export const carried: Rows = {
  // y = a(w ∗ (past, x)), depthwise, and of (past, x) the end that the next call needs
  causalConvolution: row({
    pattern: is.CausalConvWithState("x", "w", "b", "past"),
    when: ({ w }, { attrs, shape }) => {
      const [channels, , size] = shape(w) ?? [];
      const isPlain = !attrs.channels_last && !attrs.state_window && (attrs.ndim ?? 1) === 1;
      return isPlain && typeof channels === "number" && typeof size === "number" && shape(w)?.length === 3;
    },
    becomes(op, { x, w, b, past }, { attrs, shape }) {
      const { dilation = 1, activation = "none" } = attrs;
      const [group, , size] = shape(w) as number[];
      const before = (size - 1) * dilation;
      const all = past ? op.Concat(past, x, { axis: 2 }) : op.Pad(x, op.int64([0, 0, before, 0, 0, 0]));
      const y = op.Conv(all, w, b || null, { group, dilations: [dilation] });
      const end = op.Shape(all, { start: 2, end: 3 });
      const present = op.Slice(all, op.Sub(end, op.int64([before])), end, op.int64([2]));
      return [activation === "none" ? y : op.Mul(y, op.Sigmoid(y)), present];
    },
  }),
  // Sₜ = e^gₜ·Sₜ₋₁ + kₜ⊗uₜ, yₜ = s·qₜᵀSₜ; u = v, or by the delta rule β·(v − (e^g·S)ᵀk) (Yang et al. 2024, arXiv:2412.06464)
  linearAttention: row({
    pattern: is.LinearAttention("q", "k", "v", "past", "decay", "beta"),
    when: ({ q, k }, { attrs, shape }) => {
      const [queries, keys] = [shape(q), shape(k)];
      const [steps, width] = [queries?.[1], queries?.[2]];
      const [heads, groups] = [attrs.q_num_heads ?? 0, attrs.kv_num_heads ?? 0];
      const isGrouped = groups > 0 && heads > 0 && heads % groups === 0;
      const isKnown = typeof steps === "number" && steps > 0 && steps <= maxPositions && typeof width === "number";
      return isGrouped && isKnown && keys?.length === 3 && !attrs.state_window;
    },
    becomes(op, { q, k, v, past, decay, beta }, { attrs, shape }) {
      const [, steps, width] = shape(q) as number[];
      const [heads, groups] = [attrs.q_num_heads!, attrs.kv_num_heads!];
      const scale = attrs.scale || 1 / Math.sqrt(width / heads);
      const at = (values: Value, step: number): Value => op.Gather(values, op.int64(step), { axis: 1 });
      const column = (value: Value): Value => op.Unsqueeze(value, op.int64([-1]));
      const flat = (value: Value): Value => op.Unsqueeze(value, op.int64([-2]));
      const split = (x: Value): Value => op.Reshape(x, op.int64([0, 0, groups, -1])); // N×T×G×D
      const [keys, values] = [split(k), split(v)];
      // Each state serves the queries of its group.
      const queries = op.Reshape(q, op.int64([0, 0, groups, heads / groups, width / heads]));
      const kept = decay ? op.Exp(split(decay)) : undefined;
      const rates = beta ? column(beta) : undefined; // N×T×G×1, or one rate for all
      let state = past || undefined; // N×G×K×V
      const said: Value[] = [];
      for (let step = 0; step < steps; step++) {
        const key = at(keys, step);
        let written = at(values, step);
        if (state && kept) state = op.Mul(state, column(at(kept, step)));
        if (rates) {
          const known = state && op.Squeeze(op.MatMul(flat(key), state), op.int64([-2]));
          written = op.Mul(at(rates, step), known ? op.Sub(written, known) : written);
        }
        const change = op.MatMul(column(key), flat(written));
        state = state ? op.Add(state, change) : change;
        const y = op.MatMul(op.Mul(at(queries, step), scale), state); // N×G×H/G×V
        said.push(op.Reshape(y, op.int64([0, 1, -1])));
      }
      return [said.length === 1 ? said[0] : op.Concat(...said, { axis: 1 }), state as Value];
    },
  }),
};
