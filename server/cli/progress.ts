/** What a person sees while a graph runs: a bar on a terminal, a line now and then elsewhere. Always on stderr. */

export interface Progress {
  /** A step of a loop is done; `ms` is what it took. `pictures`: those of all batches, where there are several. */
  step(done: number, count: number, ms: number, pictures?: { readonly done: number; readonly of: number }): void;
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
  const bar = columns !== undefined;
  let [shown, last] = ["", Number.NEGATIVE_INFINITY];
  const clear = () => {
    if (shown !== "") write("\r\x1b[K");
    shown = "";
  };
  return {
    step(done, count, ms, pictures) {
      const rate = 1000 / Math.max(ms, 1e-3);
      const times = `${rate.toPrecision(3)} steps/s, ${duration(((count - done) * ms) / 1000)} left${
        pictures ? `, ${pictures.done} of ${pictures.of} pictures` : ""
      }`;
      if (bar) {
        clear();
        shown = barOf(done, count, times, columns);
        write(shown);
      } else if (now() - last >= plainIntervalMs || done === count) {
        last = now();
        write(`step ${done} of ${count}, ${times}\n`);
      }
    },
    say(line) {
      clear();
      write(`${line}\n`);
    },
    end: clear,
  };
}

function barOf(done: number, count: number, times: string, columns: number): string {
  const counted = ` ${done}/${count} ${times}`;
  const width = Math.max(0, Math.min(40, columns - counted.length - 3));
  const full = Math.round((done / count) * width);
  return `${width > 0 ? `[${"█".repeat(full)}${"·".repeat(width - full)}]` : ""}${counted}`.slice(0, columns - 1);
}

/** 75 → "1:15". */
function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
