import { evaluate, type Numbers } from "../../diffusion/index.ts";
import { broadcastSize, dimensions } from "../checks.ts";
import type { Meaning } from "../kinds.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";
import { meaningParameter, sumMeaning } from "../tensors/meaning.ts";
import { stepNumbers } from "../values/step-measures.ts";
import { drawnFormula } from "./drawn.ts";
import { flatNote } from "./flat.ts";
import { atFormula, formulaHelp, letters, readFormula, stepHelp, unreadNotes, valuesOf, wantWired } from "./names.ts";

const operand = () => port.operand({ optional: true });

export default defineNode({
  type: "guidegraph/formula",
  version: 1,
  title: "Formula",
  category: "tensors",
  description: "Calculates with tensors and numbers value by value, as the formula says.",
  equation: "f(a, b, c, d, e, f)",
  reference: "expression, arithmetic, multistep coefficients, compare, select, schedule",
  inputs: {
    formula: port.text({
      default: "a",
      formula: true,
      help: `${formulaHelp} In a Differentiate a root has slope 0 at 0.`,
    }),
    a: port.operand({
      optional: true,
      help: "A tensor, a number, or a number a sample; what a loop does not carry yet is 0.",
    }),
    b: operand(),
    c: operand(),
    d: operand(),
    e: operand(),
    f: operand(),
    step: port.step({ optional: true, counted: true, help: stepHelp }),
    meaning: port.text({
      ...meaningParameter.parameter,
      default: "",
      empty: "as its tensors",
      help: "What the result means, for nodes that ask; empty: as its tensors, so that of a gradient it is one.",
    }),
  },
  outputs: { tensor: port.tensor() },
  foretold: true,
  infer: (wired, known) => {
    const [text, meaning] = ["formula", "meaning"].map((name) => known.parameter(name));
    const meant = typeof meaning === "string" && meaning !== "" ? { meaning: meaning as Meaning } : undefined;
    if (typeof text !== "string") return { tensor: meant ?? {} };
    const formula = readFormula(text, letters);
    wantWired(formula, wired as Readonly<Record<string, unknown>>);
    const read = Object.fromEntries(
      formula.inputs.map((name) => [name, wired[name as (typeof letters)[number]] ?? {}]),
    );
    // Along each it is as long as the longest; of what may be a number, nothing is known.
    return { tensor: { ...broadcastSize(read, dimensions), ...(meant ?? sharedMeaning(Object.values(read))) } };
  },
  notes: (parameter, isWired) => unreadNotes(parameter("formula"), letters, isWired),
  notesAlong: (steps, loop) => ({ formula: flatNote(steps, letters, loop) }),
  run: ({ formula: text, step, meaning: _, ...wired }) => {
    const formula = readFormula(text, letters);
    const values = valuesOf<Numbers | undefined>(formula, wired, step);
    return { tensor: atFormula(() => evaluate(formula.expression, withoutAbsent(values))) };
  },
  draw: ({ formula: text, step, meaning: _, ...wired }, { op, shape }) => {
    const formula = readFormula(text, letters);
    const values: Readonly<Record<string, string | undefined>> = wired;
    const result = drawnFormula(op, formula.expression, (name) =>
      formula.inputs.includes(name)
        ? (values[name] ?? op.float(0))
        : step!.number(stepNumbers[name as keyof typeof stepNumbers]),
    );
    const value = typeof result === "number" ? op.float(result) : result;
    return { tensor: shape(value).length === 0 ? op.Reshape(value, op.int64([1, 1, 1, 1])) : value };
  },
});

/** What a loop carries and does not have yet, in its first step, counts as 0. */
const withoutAbsent = (values: Readonly<Record<string, Numbers | undefined>>): Readonly<Record<string, Numbers>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? 0]));

type Read = Size & { readonly meaning?: Meaning };

/** What the tensors mean that are more than a number a sample, as far as they agree. */
function sharedMeaning(read: readonly Read[]): { readonly meaning?: Meaning } {
  const isNumber = ({ channels, height, width, meaning }: Read) =>
    meaning === undefined && [channels, height, width].every((side) => (side ?? 1) === 1);
  const [first, ...rest] = read.filter((one) => !isNumber(one));
  return rest.reduce<Read>((all, one) => sumMeaning(all, one), first?.meaning ? { meaning: first.meaning } : {});
}
