import { groupsOf, rank } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber, numbersSizes } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { drawnGroups, grouped, groupParameter } from "./groups.ts";

export default defineNode({
  type: "guidegraph/rank",
  version: 1,
  title: "Rank",
  category: "batch",
  description: "Says which samples of each group have the best scores, for Gather to take.",
  equation: "k = argsort(s)",
  reference: "argmax, argsort, topk, best of n",
  inputs: {
    scores: port.tensor({ help: "A number a sample, N×1×1×1: of Log Probability, a loss or Reduce." }),
    of: groupParameter("Neighbouring samples that are compared, the draws of one"),
    count: port.number({ default: 1, min: 1, max: 4096, integer: true, help: "How many of each group, best first." }),
    first: port.text({ default: "highest", choices: ["highest", "lowest"], help: "lowest for a loss." }),
  },
  outputs: { indices: port.tensor({ own: true, help: "Numbers of samples, N×1×1×1." }) },
  infer: ({ scores }, known) => {
    numbersSizes({ scores });
    const [of, count] = ["of", "count"].map((name) => knownNumber(known.parameter(name)));
    const { of: each, groups } = grouped(of, scores);
    if (each !== undefined && count !== undefined) wantNoMore(count, each);
    const batch = groups === undefined || count === undefined ? undefined : groups * count;
    // All of the last group are different.
    const reaches = batch === undefined ? undefined : (groups! - 1) * each! + count! - 1;
    return { indices: { ...facts({ batch, reaches }), channels: 1, height: 1, width: 1 } };
  },
  run: ({ scores, of, count, first }) => {
    const each = of || scores.dims[0];
    atPort("of", () => groupsOf(scores.dims[0], each));
    wantNoMore(count, each);
    return { indices: atPort("scores", () => rank(scores, each, count, first as "highest" | "lowest")) };
  },
  // Which are best does not change with a small change of the scores: no gradient goes through them.
  draw: ({ scores, of, count, first }, drawing) => {
    const { op } = drawing;
    const { rows, firsts } = drawnGroups(scores, of, drawing);
    // Of one there always is a best.
    if (count.fixed > 1)
      wantNoMore(count.fixed, of.fixed || drawing.samples(scores, `a Rank takes the best ${count.fixed} of all`));
    // Of equal ones the earlier first, as here.
    const best = op.add("TopK", [rows, op.int64([count.fixed])], { axis: 1, largest: first === "highest" ? 1 : 0 }, 2);
    const indices = op.Add(op.Cast(best[1], { to: "float32" }), firsts);
    return { indices: op.Reshape(indices, op.int64([-1, 1, 1, 1])) };
  },
});

function wantNoMore(count: number, each: number): void {
  if (count > each) throw new GraphError(`Cannot take the best ${count} of groups of ${each}`, "count");
}
