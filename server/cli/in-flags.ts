/** What is wrong with the graph of a command, in the words of the command: it was typed as flags, not as nodes. */
import { flattened, type SaidProblem } from "./errors.ts";

/** Parameters that have another name as a flag. */
const flags: Readonly<Record<string, string>> = {
  batch: "batch_size",
  count: "batch_size",
  scale: "classifier_scale",
  generator: "noise",
};
const sameName = ["timestep_respacing", "diffusion_steps", "classes", "seed", "eta", "num_samples", "noise_schedule"];

/** Of several nodes that complain of one flag, the first. What belongs to no flag stays as it is. */
export function inFlags(error: unknown): unknown {
  const said = flattened(error);
  const lines = said.map((problem) => ({ flag: flagOf(problem), problem }));
  if (lines.every(({ flag }) => flag === undefined)) return error;
  const told = new Map(
    lines
      .map(({ flag, problem }) => {
        const one = flag === undefined ? problem : { message: `--${flag}: ${problem.message}` };
        return [flag ?? one.message, one] as const;
      })
      .reverse(),
  );
  return new AggregateError([...told.values()].reverse());
}

function flagOf({ port, message }: SaidProblem): string | undefined {
  if (port === undefined) return undefined;
  if (Object.hasOwn(flags, port)) return flags[port];
  if (sameName.includes(port)) return port;
  // A label lies outside the classes where a list was typed.
  return port === "labels" && /^Cannot use label \d/.test(message) ? "classes" : undefined;
}
