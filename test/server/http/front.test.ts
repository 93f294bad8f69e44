import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { front } from "../../../server/http/front.ts";

const asked = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: { host: "127.0.0.1:8188", ...headers },
  }) as unknown as IncomingMessage;

const forwarded = {
  "x-forwarded-for": "203.0.113.7, 10.0.0.5",
  "x-forwarded-host": "studio.example, inner.example",
  "x-forwarded-proto": "HTTPS, http",
};

describe("outer", () => {
  const { outer } = front({ trusted: ["10.0.0.0/8", "loopback"] });

  test("believes those that are trusted, and of the addresses the nearest that is not", () => {
    const told = { address: "203.0.113.7", host: "studio.example", scheme: "https" };
    expect(outer(asked("10.1.2.3", forwarded))).toEqual(told);
    expect(outer(asked("::ffff:127.0.0.1", forwarded))).toEqual(told);
    // What a client wrote itself stands before what the proxy saw.
    const spoofed = { ...forwarded, "x-forwarded-for": "127.0.0.1, 203.0.113.7, 10.0.0.5" };
    expect(outer(asked("10.1.2.3", spoofed)).address).toBe("203.0.113.7");
  });

  test("believes nobody else, and nothing that is no scheme", () => {
    expect(outer(asked("192.0.2.1", forwarded))).toEqual({ address: "192.0.2.1", host: "127.0.0.1:8188" });
    expect(front().outer(asked("127.0.0.1", forwarded))).toEqual({ address: "127.0.0.1", host: "127.0.0.1:8188" });
    expect(outer(asked("10.1.2.3", { "x-forwarded-proto": "gopher" }))).toEqual({
      address: "10.1.2.3",
      host: "127.0.0.1:8188",
    });
  });
});

test("within takes the base path off where it is on, and nothing else", () => {
  const { within } = front({ basePath: "/guide" });
  const cases = {
    "/guide/api/runs?a=1": "/api/runs?a=1",
    "/guide/": "/",
    "/guide": undefined,
    "/guide?token=a": undefined,
    "/api/runs": "/api/runs",
    "/guided/x": "/guided/x",
  };
  for (const [url, inner] of Object.entries(cases)) expect([url, within(url)]).toEqual([url, inner]);
  expect(front().within("/guide/api")).toBe("/guide/api");
});
