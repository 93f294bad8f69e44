/** Shapes of matrix products and normalisations. */
import type { Dim } from "../../ir.ts";
import type { Facts, InferRule, InferRules } from "../facts.ts";
import { broadcast } from "../size.ts";
import { like, shapeOf } from "./elementwise.ts";
import { normalAxis } from "./shape.ts";

function matmul(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const row = a.length > 1 ? [a.at(-2)!] : [];
  const column = b.length > 1 ? [b.at(-1)!] : [];
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), ...row, ...column];
}

const turned = (dims: readonly Dim[], isTurned: number | undefined): readonly Dim[] =>
  isTurned && dims.length > 1 ? [...dims.slice(0, -2), dims.at(-1)!, dims.at(-2)!] : dims;

/** Terms of an Einsum equation: the letters of each operand and of the result. */
export function einsumTerms(equation: string): { readonly operands: readonly string[]; readonly result: string } {
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const operands = left.split(",");
  const letters = [...left.replace(/[,.]/g, "")];
  const once = [...new Set(letters)].filter((letter) => letters.filter((l) => l === letter).length === 1).sort();
  const ellipsis = left.includes("...") ? "..." : "";
  return { operands, result: right ?? ellipsis + once.join("") };
}

/** Letters of an Einsum term, "..." for the axes that it does not name. */
export const einsumLetters = (term: string): string[] => term.match(/\.\.\.|[a-zA-Z]/g) ?? [];

const einsum: InferRule = ({ x, attrs }) => {
  const { operands, result } = einsumTerms(String(attrs.equation));
  const type = x[0] ? { type: x[0].type } : {};
  const sizes = new Map<string, Dim>();
  let unnamed: readonly Dim[] = [];
  for (const [index, term] of operands.entries()) {
    const dims = x[index]?.dims;
    if (!dims) return [type];
    const letters = einsumLetters(term);
    const hidden = dims.length - (letters.length - 1);
    let axis = 0;
    for (const letter of letters) {
      if (letter === "...") {
        unnamed = broadcast(unnamed, dims.slice(axis, axis + hidden));
        axis += hidden;
      } else {
        if (sizes.get(letter) === undefined || sizes.get(letter) === 1) sizes.set(letter, dims[axis]);
        axis++;
      }
    }
  }
  return [
    { ...type, dims: einsumLetters(result).flatMap((letter) => (letter === "..." ? unnamed : [sizes.get(letter)!])) },
  ];
};

const statistics = (a: Facts, axis: number): Partial<Facts> =>
  a.dims ? { type: "float32", dims: a.dims.map((dim, i) => (i < axis ? dim : 1)) } : { type: "float32" };

export const products = {
  MatMul: ({ x: [a, b] }) => {
    const type = (a ?? b)?.type;
    return [{ ...(type && { type }), ...(a?.dims && b?.dims && { dims: matmul(a.dims, b.dims) }) }];
  },
  FusedMatMul: ({ x: [a, b], attrs: { transA, transB } }) => {
    const type = (a ?? b)?.type;
    const dims = a?.dims && b?.dims && matmul(turned(a.dims, transA), turned(b.dims, transB));
    return [{ ...(type && { type }), ...(dims && { dims }) }];
  },
  /** Of queries N×T×D and values N×S×E: N×T×E. */
  MultiHeadAttention: ({ x: [query, , value] }) => {
    const [q, v] = [query?.dims, value?.dims];
    return [
      { ...(query && { type: query.type }), ...(q?.length === 3 && v?.length === 3 && { dims: [q[0], q[1], v[2]] }) },
    ];
  },
  Gemm: ({ x: [a, b], attrs }) => {
    if (!a?.dims || !b?.dims) return [a ? { type: a.type } : {}];
    return [{ type: a.type, dims: [a.dims[attrs.transA ? 1 : 0], b.dims[attrs.transB ? 0 : 1]] }];
  },
  Einsum: einsum,
  BatchNormalization: like,
  InstanceNormalization: like,
  GroupNormalization: like,
  RMSNormalization: like,
  LayerNormalization: ({ x: [a], attrs }) => {
    if (!a) return [];
    const axis = normalAxis(attrs.axis ?? -1, a.dims?.length ?? 0);
    return [shapeOf(a), statistics(a, axis), statistics(a, axis)];
  },
} satisfies InferRules;
