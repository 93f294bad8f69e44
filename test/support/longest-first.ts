/** Long test files begin first, and a suite tells at its end which were long. */
import { relative } from "node:path";
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from "vitest/node";
import { longest } from "./longest.ts";

const places = new Map(longest.map((name, place) => [name, place]));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification) =>
      places.get(relative(project.config.root, moduleId)) ?? longest.length;
    return sorted.sort((a, b) => place(a) - place(b));
  }
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
