/** A log that nobody can fill: of many lines of a kind in a second the first are written, and how many there were. */
import type { About, Say } from "./say.ts";

const maxPerSecond = 100;
/** A stack is some thousands of characters; a line may quote what a stranger sent. */
const maxLength = 8_000;
/** Of what is said beside the line. */
const maxFieldLength = 1_000;

export function limitedLines(say: Say, now: () => number = () => performance.now()): Say {
  const said = new Map<About["event"], number>();
  let second = 0;
  let leftOut: NodeJS.Timeout | undefined;
  const tell = () => {
    const more = [...said.values()].reduce((sum, lines) => sum + Math.max(0, lines - maxPerSecond), 0);
    if (more > 0) say(`${more} more lines in this second are left out`, { level: "warn" });
    said.clear();
    leftOut = undefined;
  };
  return (line, about) => {
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      clearTimeout(leftOut);
      tell();
      second = current;
    }
    const lines = (said.get(about?.event) ?? 0) + 1;
    said.set(about?.event, lines);
    if (lines <= maxPerSecond) say(short(line, maxLength), about && shortFields(about));
    else leftOut ??= setTimeout(tell, 1_000).unref();
  };
}

const short = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

const shortFields = (about: About): About =>
  Object.fromEntries(
    Object.entries(about).map(([field, value]) => [
      field,
      typeof value === "string" ? short(value, maxFieldLength) : value,
    ]),
  );
