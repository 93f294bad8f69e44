/** What a person sees while a command works: a bar on a terminal, a line now and then elsewhere. Always on stderr. */

/** So many of all. */
export interface Portion {
  readonly done: number;
  readonly of: number;
}

/** How far the work of one call is, what an interrupted one had done before included. */
export interface Far {
  /** Of loops, through all batches; absent where nothing is done in steps. */
  readonly steps?: (Portion & { readonly isLeast?: boolean }) | undefined;
  /** What is made of it, where that is told beside the steps or in their stead. */
  readonly made?: (Portion & { readonly what: "pictures" | "batches" }) | undefined;
  /** Of the steps; without any, of what is made. Undefined after the first step: networks are still loaded in it. */
  readonly perSecond?: number | undefined;
  /** Undefined as well while a loop has not begun whose length only the run tells: there are more steps (`isLeast`). */
  readonly secondsLeft?: number | undefined;
  /** Nothing is left to do. */
  readonly isAll: boolean;
}

export interface Progress {
  far(far: Far): void;
  /** A line that stays. */
  say(line: string): void;
  /** Takes the bar away. */
  end(): void;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** Between two plain lines, so that a log of an hour stays short. */
const plainIntervalMs = 10_000;

export function progress({ write, columns, now }: ProgressOptions): Progress {
  let [shown, last] = ["", Number.NEGATIVE_INFINITY];
  const clear = () => {
    if (shown !== "") write("\r\x1b[K");
    shown = "";
  };
  return {
    far(far) {
      if (columns !== undefined) {
        clear();
        shown = barOf(far, columns);
        write(shown);
      } else if (now() - last >= plainIntervalMs || far.isAll) {
        last = now();
        write(`${plainOf(far)}\n`);
      }
    },
    say(line) {
      clear();
      write(`${line}\n`);
    },
    end: clear,
  };
}

/** Counts pictures of a file that is worked through: a line now and then, so that fifty thousand are not silent. */
export function pictureCounter(write: (text: string) => void, path: string, of: number): (count: number) => void {
  let [done, told] = [0, performance.now()];
  return (count) => {
    done += count;
    if (performance.now() - told < plainIntervalMs) return;
    told = performance.now();
    write(`${path}: ${done} of ${of} pictures\n`);
  };
}

/** "step 8 of 20, 1.89 steps/s, 0:06 left, 4 of 10 pictures"; without steps "4 of 10 pictures, 1.89 pictures/s, 0:03 left". */
function plainOf({ steps, made, perSecond, secondsLeft }: Far): string {
  const left = secondsLeft === undefined ? "" : `, ${duration(secondsLeft)} left`;
  const rate = (what: string) => perSecond && `${perSecond.toPrecision(3)} ${what}/s${left}`;
  const whole = made && `${made.done} of ${made.of} ${made.what}`;
  const parts = steps
    ? [`step ${steps.done} of ${steps.of}${steps.isLeast ? " or more" : ""}`, rate("steps"), whole]
    : [whole, rate(made?.what ?? "batches")];
  return parts.filter((part) => part !== undefined).join(", ");
}

function barOf(far: Far, columns: number): string {
  const { done, of } = far.steps ?? far.made ?? { done: 0, of: 1 };
  const counted = ` ${plainOf(far)}`;
  const width = Math.max(0, Math.min(40, columns - counted.length - 3));
  const full = Math.round((done / of) * width);
  return `${width > 0 ? `[${"█".repeat(full)}${"·".repeat(width - full)}]` : ""}${counted}`.slice(0, columns - 1);
}

/** 75 → "1:15". */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
