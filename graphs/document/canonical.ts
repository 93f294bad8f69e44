/** Plain data as text that does not depend on the order in which keys were added. */
export function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner !== undefined) text += `${text && ","}${JSON.stringify(key)}:${canonical(inner)}`;
  }
  return `{${text}}`;
}
