/** The operator Scan: a small graph applied to each step of a sequence, for recurrences of any length. */
import type { DataType } from "../../ir.ts";
import { type GraphBuilder, graphBuilder, type Value } from "../../rewrite/builder.ts";

export interface ScanOptions {
  /** Values carried from step to step, each N×H. */
  readonly states: readonly Value[];
  /** Sequences that are read step by step, each T×N×(its width). */
  readonly sequences: readonly Value[];
  /** From the last step to the first. */
  readonly backwards: boolean;
  readonly type: DataType;
  /** Begins the names inside, so that none hides a name outside. */
  readonly prefix: string;
  /** One step: the next states, and what the step puts into the results. Values from outside may be used by name. */
  step(op: GraphBuilder, states: readonly Value[], inputs: readonly Value[]): ScanStep;
}

interface ScanStep {
  readonly states: readonly Value[];
  readonly outputs: readonly Value[];
}

interface ScanResult {
  /** States after the last step. */
  readonly states: readonly Value[];
  /** Each step's outputs, T×N×…, in the order of time. */
  readonly outputs: readonly Value[];
}

export function scan(op: GraphBuilder, { states, sequences, backwards, type, prefix, step }: ScanOptions): ScanResult {
  const body = graphBuilder(prefix);
  const declare = (name: string): Value => body.input(`${prefix}${name}`, type, [`${prefix}N`, `${prefix}${name}.1`]);
  const before = states.map((_, i) => declare(`state.${i}`));
  const inputs = sequences.map((_, i) => declare(`input.${i}`));
  const after = step(body, before, inputs);
  [...after.states, ...after.outputs].forEach((value, i) => {
    body.output(`${prefix}result.${i}`, value, type);
  });
  const direction = backwards ? 1 : 0;
  const results = op.add(
    "Scan",
    [...states, ...sequences],
    {
      body: body.graph(`${prefix}step`),
      num_scan_inputs: sequences.length,
      scan_input_directions: sequences.map(() => direction),
      scan_output_directions: after.outputs.map(() => direction),
    },
    states.length + after.outputs.length,
  );
  return { states: results.slice(0, states.length), outputs: results.slice(states.length) };
}
