/** Two values where there is little room: of long ones what differs, with as much around it as fits. */

/** "…0.5, 1…" and "…0.7, 1…"; each of at most `room` letters. What is empty is called none. */
export function differing(a: unknown, b: unknown, room: number): readonly [string, string] {
  const [one, other] = [a, b].map(textOf).map((text) => [...text]);
  if (Math.max(one.length, other.length) <= room) return [one.join(""), other.join("")];
  const least = Math.min(one.length, other.length);
  let same = 0;
  while (same < least && one[same] === other[same]) same++;
  // Of what is alike before it a third of the room tells where it is; more is shown where an end is near.
  const last = Math.max(one.length, other.length) - room + 1;
  const from = same < room / 2 ? 0 : Math.min(same - Math.floor(room / 3), Math.max(0, last));
  return [part(one, from, room), part(other, from, room)];
}

const textOf = (value: unknown): string => (value === undefined || value === "" ? "none" : String(value));

/** So much of a text from there on, with a mark where there is more. */
function part(text: readonly string[], from: number, room: number): string {
  const before = from > 0 ? "…" : "";
  const left = room - before.length;
  const rest = text.slice(from);
  return before + (rest.length <= left ? rest.join("") : `${rest.slice(0, left - 1).join("")}…`);
}
