/**
 * A name that nothing else has, 32 hex digits. `crypto.randomUUID` is there for pages of https and of this machine only, and a
 * server is often neither.
 */
export const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
