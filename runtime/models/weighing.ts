/** What a drawing takes to run, before anything is loaded: found once, and noted beside what was built. */
import { type Course, courseOf, type OnnxModel, type Peak, peakAt, peakOf } from "../../onnx/index.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { type Differentiable, drawnWords, loweredDrawing } from "./composition.ts";
import type { BuiltModels } from "./host.ts";
import { keyOf } from "./key.ts";

const processor = { flavour: "cpu", name: "cpu" } as const;
/** So many answers are remembered. */
const maxWeighed = 1_000;

export class Weighing {
  readonly #built: BuiltModels;
  readonly #weighed = new BoundedCache<Course>(maxWeighed, () => 1);
  readonly #peaks = new BoundedCache<Peak>(maxWeighed, () => 1);

  constructor(built: BuiltModels) {
    this.#built = built;
  }

  /**
   * What it takes to run with named dimensions of these sizes: as the processor has it, since nothing is loaded. To know it
   * is to build it, so it is noted beside what was built, for all sizes at once where that can be told.
   */
  async peak(
    composition: Differentiable,
    isDifferentiated: boolean,
    sizes: Readonly<Record<string, number>>,
  ): Promise<Peak> {
    const words = drawnWords(composition, isDifferentiated, processor);
    let built: Promise<OnnxModel> | undefined;
    const build = (): Promise<OnnxModel> => {
      built ??= loweredDrawing(composition, isDifferentiated, processor);
      return built;
    };
    const course = await this.#noted(this.#weighed, ["course", ...words], async () => courseOf(await build()));
    return (
      peakAt(course, sizes) ??
      this.#noted(this.#peaks, ["peak", ...words, sizes], async () => peakOf(await build(), sizes))
    );
  }

  /** Found once, and noted beside what was built. */
  #noted<T extends object>(cache: BoundedCache<T>, words: readonly unknown[], find: () => Promise<T>): Promise<T> {
    const built = this.#built;
    const key = keyOf(built.builder, ...words);
    const text = async () => JSON.stringify(await find());
    return cache.getOrMake(key, async () => JSON.parse((await built.note?.(key, text)) ?? (await text())) as T);
  }
}
