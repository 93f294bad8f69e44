/**
 * Whether a device computes what it should, before anybody is given its pictures: a forward pass, gradients and a guided
 * step of tiny networks, against numbers that were computed once. It takes a second or two. What is wrong is told by its operator.
 */
import { nativeWords, type Provider } from "../../runtime/index.ts";
import { firstWrong } from "./first-wrong.ts";
import { nativeProvider } from "./native.ts";
import { stored } from "./stored-numbers.ts";
import { answerOf, forwardTrial, gradientTrial, guidedStep, relativeError, type Trial, throughTrial } from "./trial.ts";

/** Relative L2. TensorFloat-32, which CUDA multiplies with, has three digits; an operator that is off has none. */
export const tolerance = { float: 1e-2, half: 5e-2 } as const;

export interface SelfTest {
  /** What it computes wrongly, in words; undefined: nothing. */
  readonly wrong?: string;
  /** Why it does not compute in half precision, where it might. */
  readonly noHalf?: string;
}

/** `reference`: a device that is right, asked only where this one is not. */
export async function selfTest(
  provider: Provider,
  reference: Pick<Provider, "createSession"> = nativeProvider("cpu", { threads: 1 }),
): Promise<SelfTest> {
  const answers: Float32Array[] = [];
  for (const [name, trialOf] of [
    ["forward", forwardTrial],
    ["gradient", gradientTrial],
    ["through", throughTrial],
  ] as const) {
    const trial = trialOf(provider);
    const { answer, wrong } = await tried(provider, trial, stored[name], tolerance.float);
    if (wrong !== undefined)
      return {
        wrong: `${wrong}${await named(provider, reference, trial, tolerance.float)}, in the ${names[name]} of the self-test`,
      };
    answers.push(answer);
  }
  const off = relativeError(guidedStep(answers[0], answers[1]), stored.step);
  if (!(off < tolerance.float)) return { wrong: `a guided step is off by ${percent(off)}` };
  const half = forwardTrial(provider, true);
  const { wrong, isRefused } = await tried(provider, half, stored.forward, tolerance.half);
  if (wrong === undefined) return {};
  // What a runtime refuses it names itself.
  return { noHalf: isRefused ? wrong : `${wrong}${await named(provider, reference, half, tolerance.half)}` };
}

const names = { forward: "forward pass", gradient: "gradient", through: "gradient through an upsampler" } as const;

type Tried =
  | { readonly answer: Float32Array; readonly wrong?: undefined; readonly isRefused?: undefined }
  | { readonly answer?: undefined; readonly wrong: string; readonly isRefused: boolean };

async function tried(provider: Provider, trial: Trial, right: Float32Array, most: number): Promise<Tried> {
  try {
    const answer = await answerOf(provider, trial);
    const off = relativeError(answer, right);
    return off < most ? { answer } : { wrong: `the result is off by ${percent(off)}`, isRefused: false };
  } catch (error) {
    return { wrong: nativeWords(error).replace(/\.$/, ""), isRefused: true };
  }
}

/** ", first at Softmax (node …)" */
async function named(
  provider: Provider,
  reference: Pick<Provider, "createSession">,
  trial: Trial,
  most: number,
): Promise<string> {
  const node = await firstWrong(provider, reference, trial, most).catch(() => undefined);
  return node ? `, first at ${node.op} (node "${node.name || node.outputs[0]}")` : "";
}

const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : "all bounds";
