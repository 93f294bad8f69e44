/**
 * Which of a file's tensors are the network's. Training scripts nest a state dict, wrappers put words in front of its
 * names, and averages, optimisers and other networks lie beside it. So every prefix under which ADM layers are found is
 * looked at, and what is complete there is taken: by shapes and keys, not by the names of places.
 */
import { CheckpointError, type StateDict } from "../checkpoint/index.ts";
import { escaped } from "../source.ts";
import { inferStructures, isClassifier } from "./infer.ts";
import type { Role } from "./role.ts";

export interface Weights {
  /** The keys that lead to it, such as `ema` or `state_dict.model.diffusion_model`; "" for the file itself. */
  readonly name: string;
  /** An average over the steps of training, by its name or what lies beside it. */
  readonly averaged: boolean;
  readonly role: Role;
  /** By the names that the reference's modules have. */
  readonly state: StateDict;
}

export interface ChosenWeights extends Weights {
  /** Names of the other complete sets, which `--weights` takes instead. */
  readonly others: readonly string[];
  /** Names of tensors that belong to none of them. */
  readonly left: readonly string[];
}

/** The outermost name of a layer, as every ADM network's keys have it. */
const layer = /(?:^|\.)(?:time_embed|input_blocks|middle_block|output_blocks|out|label_emb)\.(?:\d|weight$)/;
/** In the place of which an averaged copy says what it is, or one beside it that it is none; the innermost has the last word. */
const average = /(?:^|[^a-z])(?:ema|swa|polyak|shadow|avg|averaged?)(?:[^a-z]|$)|[a-z]EMA|ema[A-Z]/i;
const live = /^(?:online|raw|live|current)(?:_|$)/i;
/** More prefixes than any script makes; the rest is left over. */
const maxSets = 16;

/**
 * The set of weights that `wanted` names (`ema`, `raw`, or by name), else the averaged one of those that are complete.
 * Where nothing is complete, the largest, so that whoever recognises it can say what is missing; without any ADM layer
 * all tensors as they are. Throws a CheckpointError when none is what is wanted, or several networks could be.
 */
export function chooseWeights(tensors: StateDict, role?: Role, wanted?: string): ChosenWeights {
  const sets = weightsIn(tensors);
  const complete = sets.filter(({ state }) => inferStructures(state, undefined).fitting.length > 0);
  const usable = complete.length > 0 ? complete : sets.slice(0, 1);
  const fitting = usable.filter((set) => role === undefined || set.role === role);
  const candidates = fitting.length > 0 ? fitting : usable;
  const chosen = wanted === undefined || wanted === "" ? preferred(candidates, role) : named(candidates, sets, wanted);
  if (!chosen) return { name: "", averaged: false, role: "unet", state: tensors, others: [], left: [] };
  const taken = new Set(usable.flatMap(({ state }) => [...state.values()]));
  return {
    ...chosen,
    others: usable.filter((set) => set !== chosen).map(({ name }) => shown(name)),
    left: [...tensors].filter(([, tensor]) => !taken.has(tensor)).map(([name]) => name),
  };
}

/** What a person reads of the choice; nothing where there was none to make. */
export function describeWeights({ name, averaged, others, left }: ChosenWeights): string[] {
  const lines: string[] = [];
  if (others.length > 0) {
    const [taken, how] = averaged ? ["the averaged weights", 'by name, or "raw"'] : ["the weights", "by name"];
    lines.push(`${taken} ${shown(name)} are taken, not ${others.join(", ")}: --weights takes others, ${how}`);
  } else if (averaged) lines.push(`the averaged weights ${shown(name)} are taken; it holds no others`);
  if (left.length > 0) {
    const some = left.slice(0, 4).map(printed).join(", ");
    const tensors = left.length === 1 ? "1 tensor is" : `${left.length} tensors are`;
    lines.push(`${tensors} left over: ${some}${left.length > 4 ? " …" : ""}`);
  }
  return lines;
}

/** By prefix, the largest first. */
function weightsIn(tensors: StateDict): Weights[] {
  const byPrefix = new Map<string, Map<string, NonNullable<ReturnType<StateDict["get"]>>>>();
  for (const [name, tensor] of tensors) {
    const at = name.length > 1024 ? -1 : name.search(layer);
    if (at < 0) continue;
    const start = name[at] === "." ? at + 1 : at;
    const prefix = name.slice(0, start);
    const set = byPrefix.get(prefix) ?? new Map();
    byPrefix.set(prefix, set.set(name.slice(start), tensor));
  }
  const largest = [...byPrefix].sort(([, a], [, b]) => b.size - a.size).slice(0, maxSets);
  const copies = largest.flatMap(([prefix, state]) => [...dotless(tensors, prefix, state), ...listed(tensors, state)]);
  return [...largest, ...copies].map(([prefix, state]) => ({
    name: prefix.replace(/\.$/, ""),
    averaged: isAverage(prefix) || [...tensors.keys()].some((name) => isCounter(name, prefix)),
    role: isClassifier(state) ? "classifier" : "unet",
    state,
  }));
}

const isAverage = (prefix: string): boolean =>
  average.test(prefix.split(".").findLast((part) => average.test(part) || live.test(part)) ?? "");

/** `torch.optim.swa_utils.AveragedModel` keeps `n_averaged` beside `module`. */
const isCounter = (name: string, prefix: string): boolean =>
  name.endsWith("n_averaged") && prefix.startsWith(`${name.slice(0, -"n_averaged".length)}module.`);

/** The averaged copy of latent diffusion's `LitEma`, a buffer for each parameter: its name without dots. */
function dotless(tensors: StateDict, prefix: string, state: StateDict): [string, StateDict][] {
  const bare = (name: string) => name.replaceAll(".", "");
  const [first] = [...state.keys()].map(bare);
  const heads = [...tensors.keys()]
    .filter((name) => name.endsWith(first) && !name.startsWith(prefix === "" ? "." : prefix))
    .map((name) => name.slice(0, -first.length));
  return heads.flatMap((head): [string, StateDict][] => {
    const copy = [...state.keys()].map((name) => [name, tensors.get(head + bare(name))] as const);
    return copy.every(([, tensor]) => tensor !== undefined) ? [[head, new Map(copy) as StateDict]] : [];
  });
}

/** The averaged copy of those that keep a list, `shadow_params` mostly: a tensor for each parameter, in the network's order. */
function listed(tensors: StateDict, state: StateDict): [string, StateDict][] {
  const own = [...state];
  return [...tensors.keys()].flatMap((name): [string, StateDict][] => {
    const head = name.slice(0, -1);
    if (!name.endsWith(".0") || !isAverage(head) || tensors.has(head + own.length)) return [];
    const isCopy = own.every(([, { dims }], i) => String(tensors.get(head + i)?.dims) === String(dims));
    return isCopy ? [[head, new Map(own.map(([name], i) => [name, tensors.get(head + i)])) as StateDict]] : [];
  });
}

/** Averaged before raw, as sampling uses them; several networks that differ are not chosen between. */
function preferred(sets: readonly Weights[], role: Role | undefined): Weights | undefined {
  if (sets.length < 2) return sets[0];
  const unets = role === undefined ? sets.filter((set) => set.role === "unet") : sets;
  const alike = unets.length > 0 ? unets : sets;
  if (new Set(alike.map(({ state }) => signature(state))).size > 1)
    throw new CheckpointError(
      `it holds several networks: give --weights with one of ${alike.map(({ name }) => shown(name)).join(", ")}`,
    );
  return alike.find(({ averaged }) => averaged) ?? alike[0];
}

const signature = (state: StateDict): string =>
  JSON.stringify([...state].map(([name, { dims }]) => [name, dims]).sort());

function named(candidates: readonly Weights[], sets: readonly Weights[], wanted: string): Weights {
  const whole = sets.filter(({ name }) => shown(name) === wanted || name === wanted);
  const ends = sets.filter(({ name }) => name.split(".").includes(wanted));
  const kinds = { ema: true, raw: false } as Readonly<Record<string, boolean>>;
  const kind = Object.hasOwn(kinds, wanted) ? candidates.filter(({ averaged }) => averaged === kinds[wanted]) : [];
  const [found] = [whole, kind, ends].find((some) => some.length > 0) ?? [];
  if (found) return found;
  const names = sets.map(({ name, averaged }) => `${shown(name)}${averaged ? " (averaged)" : ""}`);
  throw new CheckpointError(
    `it has no weights ${escaped(wanted)} (--weights); there are ${names.length > 0 ? names.join(", ") : "none of an ADM network"}`,
  );
}

/** The file's own top level has no name. */
const shown = (name: string): string => (name === "" ? "top" : printed(name));

const printed = (name: string): string => (/^[\w.-]{1,120}$/.test(name) ? name : escaped(name));
