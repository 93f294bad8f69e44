/** The first of a long list, and how many more there are: `a, b, c and 12 more`. */
export function firstOf<T>(all: readonly T[], shown: number, text: (one: T) => string = String): string {
  const more = all.length > shown ? ` and ${all.length - shown} more` : "";
  return `${all.slice(0, shown).map(text).join(", ")}${more}`;
}
