/** Long test files begin early, the longest first, and a suite tells at its end which were long. */
import { relative } from "node:path";
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from "vitest/node";
import { longest } from "./longest.ts";

const places = new Map(longest.map((name, place) => [name, place]));
/** Of the short files, how much begins among the long ones: the last long one is not to end alone. */
const shareAmong = 0.85;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification) => places.get(relative(project.config.root, moduleId));
    const long = sorted.filter((file) => place(file) !== undefined);
    long.sort((a, b) => (place(a) ?? 0) - (place(b) ?? 0));
    const short = sorted.filter((file) => place(file) === undefined);
    return among(long, short);
  }
}

/**
 * Long ones in their order, short ones evenly between them. What is long waits for servers and browsers: where nothing else
 * runs beside it the processor has nothing to do, and in the end, with short ones alone, too much.
 */
export function among<T>(long: readonly T[], short: readonly T[]): T[] {
  const until = (place: number) => Math.floor((place * shareAmong * short.length) / Math.max(1, long.length));
  const mixed = long.flatMap((file, i) => [file, ...short.slice(until(i), until(i + 1))]);
  return [...mixed, ...short.slice(until(long.length))];
}

/** So many are told of. */
const told = 10;
/** What takes longer belongs into the list. */
const longSeconds = 25;
/** Who runs a few files knows which. */
const manyFiles = 100;

/** Says at the end of a suite which files took longest, and which of them began too late. */
export class LongestTold implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length < manyFiles) return;
    const took = modules
      .map((module) => {
        const { collectDuration, duration } = module.diagnostic();
        return { name: module.relativeModuleId, seconds: (collectDuration + duration) / 1000 };
      })
      .sort((a, b) => b.seconds - a.seconds);
    const line = ({ name, seconds }: (typeof took)[number]) => `${seconds.toFixed(0).padStart(6)} s  ${name}`;
    console.log(["\nThe longest test files:", ...took.slice(0, told).map(line)].join("\n"));
    const unlisted = took.filter(({ name, seconds }) => seconds > longSeconds && !places.has(name));
    if (unlisted.length > 0)
      console.log(["Long, and begun late; test/support/longest.ts lists such:", ...unlisted.map(line)].join("\n"));
  }
}
