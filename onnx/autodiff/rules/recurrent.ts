/**
 * Gradients of recurrent layers with respect to the sequence, the weights and the first states, for sequences of any length. All
 * states h are outputs of the layer, so every gate is computed for all steps at once; only what flows from step to step
 * is left to a Scan that runs against time (Werbos 1990, "Backpropagation through time"). Names as in the ONNX
 * specification: gates in the order of its weights, ā for the gradient of a.
 */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import type { Rule, RuleContext, Rules } from "../rule.ts";
import { type Activation, activationOf } from "./recurrent-activations.ts";
import { scan } from "./scan.ts";

type RecurrentAttributes = AttributesOf<"RNN" | "GRU" | "LSTM"> & { readonly linear_before_reset?: number | undefined };

/** One direction of a layer: its weights, states and their gradients. Sequences are T×N×H, states N×H. */
interface Direction {
  readonly backwards: boolean;
  readonly prefix: string;
  readonly activations: readonly Activation[];
  readonly w: Value;
  readonly r: Value;
  /** Biases of W and R, each of all gates; absent without. */
  readonly biases: readonly Value[];
  readonly h: Value;
  /** The state before each step. */
  readonly hBefore: Value;
  readonly c0: Value;
  readonly dh: Value;
  readonly dhLast: Value;
  readonly dcLast: Value;
}

/** Gradients of all gates before their activation, T×N×(gates·H), and of the first states. */
interface Through {
  readonly gates: Value;
  readonly h0: Value;
  readonly c0?: Value;
  /** Gradients of what each block of R's rows gives, and what it was given; absent: all gates, from the state before. */
  readonly recurrences?: readonly (readonly [gates: Value, states: Value])[];
}

export const recurrent = {
  // h = f(xWᵀ + h₋R ᵀ + b)
  //   ā = h̄·f′,  x̄ = āW,  h̄₋ = āR
  RNN: layer("RNN", ["tanh"], (c, d) => {
    const [f] = d.activations;
    const { states, outputs } = scan(c.op, {
      ...common(c, d),
      states: [d.dhLast],
      sequences: [d.dh, f.slope(c, d.h)],
      step: (op, [dh], [dy, slope]) => {
        const da = op.Mul(op.Add(dh, dy), slope);
        return { states: [op.MatMul(da, d.r)], outputs: [da] };
      },
    });
    return { gates: outputs[0], h0: states[0] };
  }),

  // z, r = f(xWᵀ + h₋Rᵀ + b),  n = g(xWₙᵀ + r·q + bₙ),  q = h₋Rₙᵀ + bₙ′,  h = (1 − z)·n + z·h₋
  //   z̄ = h̄·(h₋ − n)·f′(z),  n̄ = h̄·(1 − z)·g′(n),  r̄ = n̄·q·f′(r),  q̄ = n̄·r,  h̄₋ = h̄·z + [z̄, r̄, q̄]R
  // and without linear_before_reset, n = g(xWₙᵀ + (r·h₋)Rₙᵀ + b), m = r·h₋:
  //   m̄ = n̄Rₙ,  r̄ = m̄·h₋·f′(r),  h̄₋ = h̄·z + m̄·r + [z̄, r̄]R
  GRU: layer("GRU", ["sigmoid", "tanh"], (c, d) => {
    const { op } = c;
    const [f, g] = d.activations;
    const linear = c.attrs.linear_before_reset === 1;
    const [xz, xr, xn] = thirds(c, product(c, c.x[0], d.w, d.biases[0]));
    const [rz, rr, rn] = thirds(c, d.r, 0);
    const [bz, br, bn] = d.biases[1] ? thirds(c, d.biases[1], 0) : [];
    const z = f.value(c, op.Add(xz, product(c, d.hBefore, rz, bz)));
    const r = f.value(c, op.Add(xr, product(c, d.hBefore, rr, br)));
    const q = linear ? product(c, d.hBefore, rn, bn) : "";
    const inner = linear ? op.Mul(r, q) : product(c, op.Mul(r, d.hBefore), rn, bn);
    const n = g.value(c, op.Add(xn, inner));

    const toZ = op.Mul(op.Sub(d.hBefore, n), f.slope(c, z));
    const toN = op.Mul(op.Sub(1, z), g.slope(c, n));
    const toR = op.Mul(linear ? q : d.hBefore, f.slope(c, r));
    const rzr = op.Concat(rz, rr, { axis: 0 });
    const { states, outputs } = scan(op, {
      ...common(c, d),
      states: [d.dhLast],
      sequences: [d.dh, z, r, toZ, toN, toR],
      step: (op, [dh], [dy, z, r, toZ, toN, toR]) => {
        const total = op.Add(dh, dy);
        const [dz, dn] = [op.Mul(total, toZ), op.Mul(total, toN)];
        const dm = linear ? dn : op.MatMul(dn, rn);
        const [dr, dq] = [op.Mul(dm, toR), op.Mul(dm, r)];
        const back = linear
          ? op.MatMul(op.Concat(dz, dr, dq, { axis: -1 }), d.r)
          : op.Add(dq, op.MatMul(op.Concat(dz, dr, { axis: -1 }), rzr));
        return { states: [op.Add(op.Mul(total, z), back)], outputs: [op.Concat(dz, dr, dn, { axis: -1 })] };
      },
    });
    const [dz, dr, dn] = thirds(c, outputs[0]);
    const dzr = op.Concat(dz, dr, { axis: -1 });
    const recurrences: Through["recurrences"] = linear
      ? [[op.Concat(dzr, op.Mul(dn, r), { axis: -1 }), d.hBefore]]
      : [
          [dzr, d.hBefore],
          [dn, op.Mul(r, d.hBefore)],
        ];
    return { gates: outputs[0], h0: states[0], recurrences };
  }),

  // i, o, f = s(xWᵀ + h₋Rᵀ + b),  n = g(…),  c = f·c₋ + i·n,  h = o·k(c)
  //   ō = h̄·k(c)·s′,  c̄ += h̄·o·k′,  ī = c̄·n·s′,  f̄ = c̄·c₋·s′,  n̄ = c̄·i·g′,  c̄₋ = c̄·f,  h̄₋ = [ī, ō, f̄, n̄]R
  LSTM: layer("LSTM", ["sigmoid", "tanh", "tanh"], (c, d) => {
    const { op } = c;
    const [s, g, k] = d.activations;
    const both = d.biases.length > 0 ? op.Add(d.biases[0], d.biases[1]) : undefined;
    const sums = op.Add(product(c, c.x[0], d.w, both), product(c, d.hBefore, d.r));
    const [ai, ao, af, an] = op.add("Split", [sums], { axis: -1, num_outputs: 4 }, 4);
    const [i, o, f, n] = [s.value(c, ai), s.value(c, ao), s.value(c, af), g.value(c, an)];
    // The cell's states are no output: they are run once more.
    const [cell] = scan(op, {
      type: c.type(d.h),
      prefix: `${d.prefix}cell/`,
      backwards: d.backwards,
      states: [d.c0],
      sequences: [f, op.Mul(i, n)],
      step: (op, [c], [f, gain]) => {
        const next = op.Add(op.Mul(f, c), gain);
        return { states: [next], outputs: [next] };
      },
    }).outputs;
    const cBefore = shifted(c, cell, d.c0, d.backwards);
    const squashed = k.value(c, cell);

    const toO = op.Mul(squashed, s.slope(c, o));
    const toC = op.Mul(o, k.slope(c, squashed));
    const toI = op.Mul(n, s.slope(c, i));
    const toF = op.Mul(cBefore, s.slope(c, f));
    const toN = op.Mul(i, g.slope(c, n));
    const { states, outputs } = scan(op, {
      ...common(c, d),
      states: [d.dhLast, d.dcLast],
      sequences: [d.dh, f, toO, toC, toI, toF, toN],
      step: (op, [dh, dc], [dy, f, toO, toC, toI, toF, toN]) => {
        const total = op.Add(dh, dy);
        const cell = op.Add(dc, op.Mul(total, toC));
        const parts = [op.Mul(cell, toI), op.Mul(total, toO), op.Mul(cell, toF), op.Mul(cell, toN)];
        const gates = op.Concat(...parts, { axis: -1 });
        return { states: [op.MatMul(gates, d.r), op.Mul(cell, f)], outputs: [gates] };
      },
    });
    return { gates: outputs[0], h0: states[0], c0: states[1] };
  }),
} satisfies Rules;

const common = (c: RuleContext, d: Direction) => ({
  type: c.type(d.h),
  prefix: `${d.prefix}back/`,
  backwards: !d.backwards,
});

/** x·wᵀ + b. */
function product({ op }: RuleContext, x: Value, w: Value, b?: Value): Value {
  const y = op.MatMul(x, op.Transpose(w, { perm: [1, 0] }));
  return b ? op.Add(y, b) : y;
}

/** Σ over steps and samples of what a row of weights gave times what it was given: (gates·H)×features. */
const weightsOf = ({ op }: RuleContext, gates: Value, given: Value): Value =>
  op.ReduceSum(op.MatMul(op.Transpose(gates, { perm: [0, 2, 1] }), given), op.int64([0]), { keepdims: 0 });

const thirds = ({ op }: RuleContext, value: Value, axis = -1): Value[] =>
  op.add("Split", [value], { axis, num_outputs: 3 }, 3);

/** The rule of a layer from that of one of its directions. */
function layer(
  name: "RNN" | "GRU" | "LSTM",
  defaults: readonly string[],
  through: (c: RuleContext<RecurrentAttributes>, direction: Direction) => Through,
): Rule<RecurrentAttributes> {
  return (c) => {
    const { op, x, reshapeLike } = c;
    refuseRareForms(c);
    const kind = c.attrs.direction ?? "forward";
    const backwards = kind === "bidirectional" ? [false, true] : [kind === "reverse"];
    const h = c.ys[0] || op.add(name, x, c.attrs, 1)[0];
    const parts = backwards.map((back, index) => {
      const direction = directionOf(c, h, index, back, defaults);
      const { gates, h0, c0, recurrences = [[gates, direction.hBefore]] } = through(c, direction);
      const join = (rows: readonly Value[]): Value => (rows.length > 1 ? op.Concat(...rows, { axis: 0 }) : rows[0]);
      const sum = (gates: Value): Value => op.ReduceSum(gates, op.int64([0, 1]), { keepdims: 0 });
      return {
        dx: op.MatMul(gates, direction.w),
        dw: () => weightsOf(c, gates, x[0]),
        dr: () => join(recurrences.map(([gates, states]) => weightsOf(c, gates, states))),
        db: () => join([gates, ...recurrences.map(([gates]) => gates)].map(sum)),
        h0,
        c0,
      };
    });
    const stack = (of: "dw" | "dr" | "db"): Value =>
      op.Concat(...parts.map((part) => op.Unsqueeze(part[of](), op.int64([0]))), { axis: 0 });
    const join = (states: readonly Value[], like: Value): Value => reshapeLike(op.Concat(...states, { axis: 0 }), like);
    return [
      reshapeLike(
        parts.map(({ dx }) => dx).reduce((a, b) => op.Add(a, b)),
        x[0],
      ),
      c.wants[1] ? stack("dw") : null,
      c.wants[2] ? stack("dr") : null,
      c.wants[3] ? stack("db") : null,
      null,
      x[5]
        ? join(
            parts.map(({ h0 }) => h0),
            x[5],
          )
        : null,
      x[6]
        ? join(
            parts.map(({ c0 }) => c0 ?? ""),
            x[6],
          )
        : null,
    ];
  };
}

function directionOf(
  c: RuleContext<RecurrentAttributes>,
  all: Value,
  index: number,
  backwards: boolean,
  defaults: readonly string[],
): Direction {
  const { op, x, attrs, dys, zerosLike } = c;
  const at = op.int64(index);
  const pick = (value: Value, axis: number): Value => op.Gather(value, at, { axis });
  const h = pick(all, 1); // T×N×H
  const state = (value: Value | null | undefined): Value =>
    value ? pick(value, 0) : zerosLike(op.Gather(h, op.int64(0), { axis: 0 }));
  const names = attrs.activations?.slice(index * defaults.length) ?? defaults;
  return {
    backwards,
    prefix: `${c.ys.find((name) => name !== "")}/gradient.${index}/`,
    activations: defaults.map((_, i) => activationOf(c, names[i])),
    w: pick(x[1], 0),
    r: pick(x[2], 0),
    biases: x[3] ? op.add("Split", [pick(x[3], 0)], { axis: 0, num_outputs: 2 }, 2) : [],
    h,
    hBefore: shifted(c, h, state(x[5]), backwards),
    c0: state(x[6]),
    dh: dys[0] ? pick(dys[0], 1) : zerosLike(h),
    dhLast: state(dys[1]),
    dcLast: state(dys[2]),
  };
}

/** The state before each step: the sequence one step later in its own direction, the first state in front. */
function shifted({ op }: RuleContext, sequence: Value, first: Value, backwards: boolean): Value {
  const [zero, one, last, end] = [0, 1, -1, Number.MAX_SAFE_INTEGER].map((n) => op.int64([n]));
  const start = op.Unsqueeze(first, zero);
  return backwards
    ? op.Concat(op.Slice(sequence, one, end, zero), start, { axis: 0 })
    : op.Concat(start, op.Slice(sequence, zero, last, zero), { axis: 0 });
}

/** What PyTorch does not write. */
function refuseRareForms({ x, attrs, numbers, shape, error }: RuleContext): void {
  const [steps] = shape(x[0]) ?? [];
  if (x[4] && !numbers(x[4])?.every((length) => length === steps))
    throw error("sequences of different lengths (sequence_lens) have no gradient rule");
  if (x[7]) throw error("peepholes have no gradient rule");
  for (const name of ["clip", "input_forget", "layout"])
    if (attrs[name]) throw error(`the attribute ${name} has no gradient rule`);
}
