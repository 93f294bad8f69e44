/** How much there is in a message, before anything else looks at it. */

/** Whether a value, as it came out of a channel, takes no more than so many bytes, about. Cycles are endless, so not. */
export function isWithin(value: unknown, maxBytes: number): boolean {
  const left: unknown[] = [value];
  let bytes = 0;
  while (left.length > 0) {
    const one = left.pop();
    bytes += 8;
    if (typeof one === "string") bytes += one.length;
    else if (ArrayBuffer.isView(one)) bytes += one.byteLength;
    else if (Array.isArray(one)) for (const entry of one) left.push(entry);
    else if (typeof one === "object" && one !== null)
      for (const [key, entry] of Object.entries(one)) {
        bytes += key.length;
        left.push(entry);
      }
    if (bytes + 8 * left.length > maxBytes) return false;
  }
  return true;
}
