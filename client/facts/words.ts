/** Facts in words: "x₀, 16 × 3 × 32 × 32", "schedule of 25 steps". */
import { isDrawable } from "../../diffusion/drawable.ts";
import type { NetworkFacts } from "../../nodes/handles.ts";
import { kindName, type LabelFacts, type Meaning } from "../../nodes/kinds.ts";
import type { Size } from "../../nodes/size.ts";

const meanings: Readonly<Record<Meaning, string>> = { x: "x", x0: "x₀", eps: "ε", mean: "mean", gradient: "gradient" };

/** What a person calls it; `meaning` is the port's, where the facts do not say. */
function calls(kind: string, meaning: string | undefined, facts: object): string {
  const { meaning: known = meaning } = facts as { readonly meaning?: string };
  return (kind === "tensor" && known !== undefined && meanings[known as Meaning]) || kindName(kind);
}

export function factWords(kind: string, meaning?: string, facts: object = {}): string {
  const { count } = facts as { readonly count?: number };
  if (kind === "schedule" && count !== undefined) return `schedule of ${count} steps`;
  if (kind === "labels") return labelDetails(facts).join(", ") || calls(kind, meaning, facts);
  return [calls(kind, meaning, facts), ...details(kind, facts)].join(", ");
}

/** The same after an article: "A tensor (ε, 16 × 3 × 64 × 64)". */
export function factPhrase(kind: string, meaning?: string, facts: object = {}): string {
  const name = kind === "tensor" && meaning === "gradient" ? meaning : kindName(kind);
  const called = calls(kind, meaning, facts);
  const { count } = facts as { readonly count?: number };
  const all = [
    ...(called === name ? [] : [called]),
    ...(kind === "schedule" && count !== undefined ? [`${count} steps`] : []),
    ...details(kind, facts),
  ];
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}${all.length > 0 ? ` (${all.join(", ")})` : ""}`;
}

function details(kind: string, facts: object): string[] {
  if (kind === "labels") return labelDetails(facts);
  if (kind === "image") return pictureDetails(facts);
  const { classes, predicts, learnSigma, lowRes, condition, weights, multiple } = facts as NetworkFacts;
  const { outputs, fit, stopped, unrunnable } = facts as NetworkFacts;
  const isNetwork = kind === "model" || kind === "classifier" || kind === "network";
  const { conditioned } = facts as { readonly conditioned?: string };
  return [
    ...sizes(facts, isNetwork),
    ...(multiple === undefined ? [] : [multiple === 1 ? "or any sides" : `or multiples of ${multiple}`]),
    ...(classes === undefined ? [] : [`${classes} classes`]),
    ...(predicts === undefined ? [] : [`predicts ${meanings[predicts]}${learnSigma ? " and σ" : ""}`]),
    ...(lowRes === undefined ? [] : [`from ${lowRes} × ${lowRes}`]),
    ...(condition === undefined ? [] : [`beside a condition of ${condition} channels`]),
    ...(weights !== undefined && isNetwork ? [`${weights} weights`] : []),
    ...(outputs === undefined ? [] : [`answers with ${outputs.map(({ name }) => name).join(", ")}`]),
    ...(unrunnable === undefined || !isNetwork ? [] : [`cannot run: ${unrunnable}`]),
    ...(fit === undefined || !isNetwork ? [] : [fit]),
    ...(stopped === undefined || !isNetwork ? [] : ["no gradient reaches its picture"]),
    ...(conditioned === "mean" ? ["its mean moved by a gradient"] : []),
    ...(conditioned === "score" ? ["guided"] : []),
  ];
}

/** "16 × 3 × 32 × 32"; a network takes any batch. */
function sizes({ batch, channels, height, width }: Size, isNetwork: boolean): string[] {
  const dims = [...(isNetwork ? [] : [batch]), channels, height, width];
  return dims.some((dim) => dim !== undefined) ? [dims.map((dim) => dim ?? "?").join(" × ")] : [];
}

function labelDetails({ batch, max }: LabelFacts): string[] {
  const count = batch === undefined ? [] : [batch === 1 ? "one label for all" : `${batch} labels`];
  return max === undefined ? count : [...count, `at most ${max}`];
}

/** What a screen shows of them is said where they are not seen as they are. */
const channelsInWords = (channels: number): string =>
  `${channels} channels${isDrawable(channels) ? "" : ", seen as their mean"}`;

function pictureDetails({ batch, height, width, channels }: Size): string[] {
  return [
    ...(batch === undefined ? [] : [`${batch}`]),
    ...(height === undefined || width === undefined ? [] : [`${height} × ${width}`]),
    ...(channels === undefined || channels === 3 ? [] : [channels === 1 ? "grey" : channelsInWords(channels)]),
  ];
}
