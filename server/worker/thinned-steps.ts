/**
 * Steps of a loop as far as somebody follows them. A loop without a model takes a hundred thousand in a second, and each
 * that is told is written to the disk, for ever.
 */
import { type MonoTypeOperatorFunction, Observable } from "rxjs";
import type { StepEvent } from "../../executor/index.ts";

/** 250 of each loop in a second: more than a model's call allows, and than a display shows. */
const leastMs = 4;

/** Of each loop the first step, the last, and between them one in so long a time. */
export const thinnedSteps =
  <T extends { readonly type: string }>(now = () => performance.now()): MonoTypeOperatorFunction<T | StepEvent> =>
  (events$) =>
    new Observable((subscriber) => {
      const told = new Map<string, number>();
      /** Of each loop the last step that is not told. */
      const held = new Map<string, StepEvent>();
      const tellHeld = () => {
        for (const step of held.values()) subscriber.next(step);
        held.clear();
      };
      return events$.subscribe({
        next(event) {
          if (!isStep(event)) {
            // A node that is done may be the loop.
            if (event.type === "node") tellHeld();
            return subscriber.next(event);
          }
          held.delete(event.path);
          const time = now();
          if (time - (told.get(event.path) ?? Number.NEGATIVE_INFINITY) < leastMs) return held.set(event.path, event);
          told.set(event.path, time);
          subscriber.next(event);
        },
        error(error) {
          tellHeld();
          subscriber.error(error);
        },
        complete() {
          tellHeld();
          subscriber.complete();
        },
      });
    });

const isStep = (event: { readonly type: string }): event is StepEvent => event.type === "step";
