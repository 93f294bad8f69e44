/** Times, sizes and numbers of things as a person writes and reads them: `1h30m`, `8GiB`, "2 files". */

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** As memory and disks of programs are given everywhere: K to T are powers of 1024, with and without their i. */
const bytes = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

const longestFirst = Object.entries(milliseconds).sort(([, a], [, b]) => b - a);

/** "1 file", "2 files". */
export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Milliseconds of `90s`, `1h30m`, `2.5d`; a number alone is seconds. NaN for what is none. */
export function readDuration(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return Number.NaN;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g);
  return [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * milliseconds[unit as keyof typeof milliseconds], 0);
}

/** Bytes of `8GiB`, `512M`, `1.5 TB`; a number alone is bytes. NaN for what is none. */
export function readSize(text: string): number {
  const [, n, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  return n === undefined ? Number.NaN : Math.round(Number(n) * bytes[unit.toUpperCase() as keyof typeof bytes]);
}

/** `1 h 30 min`: at most two units, the largest first; below a minute `3.32 s`, with three digits that count. */
export function durationText(ms: number): string {
  if (ms < milliseconds.s && ms > 0) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < milliseconds.m) return `${Number((ms / milliseconds.s).toPrecision(3))} s`;
  const [first, second] = longestFirst.flatMap(([unit, size], i) => {
    const above = i === 0 ? Infinity : longestFirst[i - 1][1];
    const n = Math.floor((ms % above) / size);
    return n > 0 ? [`${n} ${unit === "m" ? "min" : unit}`] : [];
  });
  return second === undefined ? first : `${first} ${second}`;
}

/** `1.5 GiB`, with three digits that count. */
export function sizeText(size: number): string {
  const [unit, of] = Object.entries(bytes).findLast(([, of]) => size >= of) ?? ["", 1];
  return `${Number((size / of).toPrecision(3))} ${unit === "" ? "bytes" : `${unit}iB`}`;
}
