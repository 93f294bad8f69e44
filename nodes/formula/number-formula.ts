import { evaluateNumber } from "../../diffusion/index.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { flatNote } from "./flat.ts";
import { atFormula, formulaHelp, readFormula, stepHelp, unreadNotes, valuesOf, wantWired } from "./names.ts";

const number = () => port.number({ default: 0 });
const names = ["a", "b", "c", "d"] as const;

export default defineNode({
  type: "guidegraph/number-formula",
  version: 1,
  title: "Number Formula",
  category: "values",
  description:
    "Calculates with numbers and those of the step: a scale that follows the schedule, an interval, a curve.",
  equation: "f(a, b, c, d)",
  reference: "expression, curve, compare, select, table, schedule",
  inputs: {
    formula: port.text({ default: "a", formula: true, help: formulaHelp }),
    a: number(),
    b: number(),
    c: number(),
    d: number(),
    step: port.step({ optional: true, counted: true, help: stepHelp }),
  },
  outputs: { number: port.numberOut() },
  foretold: true,
  infer: ({ step }, known) => {
    const text = known.parameter("formula");
    if (typeof text === "string") wantWired(readFormula(text, names), { a: 0, b: 0, c: 0, d: 0, step });
    return {};
  },
  notes: (parameter, isWired) => unreadNotes(parameter("formula"), names, isWired),
  notesAlong: (steps, loop) => ({ formula: flatNote(steps, names, loop) }),
  run: ({ formula: text, step, ...given }) => {
    const formula = readFormula(text, names);
    wantWired(formula, { ...given, step });
    const values = valuesOf<number>(formula, given, step);
    const number = atFormula(() => evaluateNumber(formula.expression, values));
    if (Number.isFinite(number)) return { number };
    const shown = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
    throw new GraphError(`Its result is ${number} where ${shown.join(", ") || "nothing is given"}`, "formula");
  },
});
