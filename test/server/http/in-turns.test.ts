import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurns, leastShare, sliceMs } from "../../../server/http/in-turns.ts";

function desk(eachMs: number) {
  let ms = 0;
  const begun: string[] = [];
  const listener = inTurns(
    ({ url }) => {
      begun.push(String(url));
      ms += eachMs;
    },
    () => ms,
  );
  const ask = (url: string) => listener({ url } as IncomingMessage, {} as ServerResponse);
  return { begun, ask };
}

test.each([1, 2, sliceMs, 10 * sliceMs])(
  "requests of %i ms that come at once are begun in their order, a slice or a share in each turn",
  async (eachMs) => {
    const { begun, ask } = desk(eachMs);
    const urls = Array.from({ length: 23 }, (_, i) => `/${i}`);
    for (const url of urls) ask(url);
    const inSlice = Math.ceil(sliceMs / eachMs);
    expect(begun).toEqual(urls.slice(0, inSlice));
    // What comes meanwhile is behind those that wait.
    urls.push("/later");
    ask("/later");
    while (begun.length < urls.length) {
      const before = begun.length;
      await turn();
      const share = Math.ceil((urls.length - before) * leastShare);
      expect(begun).toEqual(urls.slice(0, before + Math.max(inSlice, share)));
    }
  },
);

test("a look at the server's health is begun at once, whatever waits", async () => {
  const { begun, ask } = desk(sliceMs);
  for (const url of ["/a", "/b", "/c"]) ask(url);
  for (const url of ["/api/health", "/api/health?x", "/api/healthy"]) ask(url);
  expect(begun).toEqual(["/a", "/api/health", "/api/health?x"]);
  while (begun.length < 6) await turn();
  expect(begun.slice(3)).toEqual(["/b", "/c", "/api/healthy"]);
});

test("who comes when nobody is before is begun at once, turn after turn", async () => {
  const { begun, ask } = desk(2 * sliceMs);
  for (const url of ["/a", "/b", "/c"]) {
    ask(url);
    expect(begun.at(-1)).toBe(url);
    await turn();
    await turn();
  }
});
