/**
 * Test files share one process: a timer that one of them leaves (a deadline of a run that a test played, a page's next look
 * at its server) would go off in another, where what it needs is gone. Each file's timers end with it, but for those
 * that serve all.
 */
import { afterAll } from "vitest";

type Timer = ReturnType<typeof setTimeout>;

/** Those that have not gone off, each with where it was set: read for few, at a file's end, as reading takes long. */
const shared = globalThis as { pendingTimers?: Map<Timer, Error> };
shared.pendingTimers ??= followed();
const pending = shared.pendingTimers;

function followed(): Map<Timer, Error> {
  const set = new Map<Timer, Error>();
  const { setTimeout, setInterval, clearTimeout } = globalThis;
  const timeout = (call: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const timer: Timer = setTimeout(() => {
      set.delete(timer);
      call(...given);
    }, ms);
    set.set(timer, new Error("set here"));
    return timer;
  };
  const interval = (...given: Parameters<typeof setInterval>) => {
    const timer = setInterval(...given);
    set.set(timer, new Error("set here"));
    return timer;
  };
  const clear = (timer?: Timer) => {
    if (timer) set.delete(timer);
    clearTimeout(timer);
  };
  Object.assign(globalThis, {
    // With its form that promises.
    setTimeout: Object.assign(timeout, setTimeout),
    setInterval: interval,
    clearTimeout: clear,
    clearInterval: clear,
  });
  return set;
}

/** Of Node, and of a file that nobody reads any more, which closes it. */
const serving = /node:|shared-handle\.ts/;

afterAll(() => {
  for (const [timer, { stack = "" }] of pending) if (!serving.test(stack.split("\n")[2] ?? "")) clearTimeout(timer);
  pending.clear();
});
