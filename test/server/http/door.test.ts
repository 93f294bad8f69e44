/** Who may ask for what: each route that the app itself lists, by each way to come. A route that is added is asked here too. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { createApp } from "../../../server/http/app.ts";
import { front } from "../../../server/http/front.ts";
import { guard } from "../../../server/http/guard.ts";
import { Refusal } from "../../../server/refusal.ts";
import type { Services } from "../../../server/service/services.ts";
import { Traffic } from "../../../server/service/traffic.ts";
import { sessionOf, Users } from "../../../server/users/users.ts";

const [owners, anns] = ["a secret of the owner", "a secret of ann"].map((text) => text.replaceAll(" ", "-"));

/** What of all that lies behind the door was called; nothing of it is there. */
const touched: string[] = [];
const behind = (name: string): unknown =>
  new Proxy(() => {}, {
    get: (_, key) => (typeof key === "symbol" || key === "then" ? undefined : behind(`${name}.${key}`)),
    apply() {
      // What is counted is listened to before anybody asks.
      if (name.endsWith(".subscribe")) return undefined;
      touched.push(name);
      throw new Refusal("absent", name);
    },
  });
const services = new Proxy(
  {
    traffic: new Traffic(),
    say() {},
    log: { lifecycle: new Subject() },
    devices: { all: [] },
    folders: { look: async () => undefined },
  },
  { get: (own, key) => Reflect.get(own, key) ?? behind(String(key)) },
) as unknown as Services;

const before = front({ trusted: ["loopback"] });
const appFor = (users: Users) =>
  createApp(services, guard({ host: "127.0.0.1", users, origins: ["https://studio.example"], front: before }), before);
const apps = {
  asking: appFor(
    new Users(
      [
        { name: undefined, token: owners },
        { name: "ann", token: anns },
      ],
      "own",
    ),
  ),
  open: appFor(new Users(undefined, "own")),
};

interface Listing {
  listRoutes(): readonly { readonly path: string; readonly methods?: readonly string[]; readonly router?: Listing }[];
}
const listed = (router: Listing, at = ""): (readonly [method: string, path: string])[] =>
  router.listRoutes().flatMap(({ path, methods = [], router: inner }) => {
    // "x" for what a client chooses.
    const full = `${at}${path}`.replace(/\/$/, "").replace(/[:*]\w+/g, "x");
    return inner ? listed(inner, full) : methods.map((method) => [method, full] as const);
  });
const routes = listed((apps.asking as unknown as { router: Listing }).router).filter(([, path]) => path !== "");

const own = "127.0.0.1:8188";
let asks = 0;

/** The status, and whether anything behind the door was called. No connection is needed for that. */
function ask(of: keyof typeof apps, [method, path]: (typeof routes)[number], headers: Record<string, string>) {
  const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: "127.0.0.1" });
  const request = new IncomingMessage(socket);
  // Each from elsewhere, so that none was too often wrong.
  const given = { Host: own, "X-Forwarded-For": `10.0.${asks >> 8}.${asks++ & 255}`, ...headers };
  for (const [name, value] of Object.entries(given)) {
    request.rawHeaders.push(name, value);
    request.headers[name.toLowerCase()] = value;
  }
  Object.assign(request, { method, url: path });
  touched.length = 0;
  return new Promise<{ status: number; reached: boolean }>((resolve) => {
    const response = new ServerResponse(request);
    response.end = () => {
      resolve({ status: response.statusCode, reached: touched.length > 0 });
      return response;
    };
    apps[of](request, response);
  });
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const cookie = (token: string, port = "8188") => ({ Cookie: `guidegraph-${port}=${sessionOf(token)}` });
const page = { Origin: `http://${own}` };
const isRead = (method: string) => method === "GET" || method === "HEAD";

type Row = readonly [
  how: string,
  of: keyof typeof apps,
  headers: Record<string, string>,
  reads: number,
  changes?: number,
];
const turnedAway: readonly Row[] = [
  ["without a token", "asking", page, 401],
  ["with another token", "asking", bearer(`${owners}x`), 401],
  ["with the token's beginning", "asking", bearer(owners.slice(0, -1)), 401],
  ["with the session as a token", "asking", bearer(sessionOf(owners)), 401],
  ["with the token as a session", "asking", { ...page, Cookie: `guidegraph-8188=${owners}` }, 401],
  ["with the session of another port", "asking", { ...page, ...cookie(owners, "1") }, 401],
  [
    "with a password",
    "asking",
    { ...page, Authorization: `Basic ${Buffer.from(`ann:${anns}`).toString("base64")}` },
    401,
  ],
  ["under another name", "asking", { ...bearer(owners), Host: "evil.example:8188" }, 403],
  ["under another name of a proxy's", "asking", { ...bearer(owners), "X-Forwarded-Host": "evil.example" }, 403],
  ["under another name, where none is asked", "open", { Host: "evil.example:8188" }, 403],
  ["from a page of elsewhere that has the token", "asking", { ...bearer(owners), Origin: "https://evil.example" }, 403],
  ["from a page of another port", "open", { Origin: "http://127.0.0.1:1" }, 403],
  ["from a page that says not where it is from", "open", { Origin: "null" }, 403],
  ["from a page of elsewhere with the session", "asking", { ...cookie(owners), Origin: "https://evil.example" }, 403],
  [
    "as a picture of a page elsewhere",
    "asking",
    { ...cookie(owners), "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" },
    403,
  ],
  [
    "as a frame of a page elsewhere",
    "open",
    { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
    403,
  ],
  ["as a form of a page that is silent", "open", {}, 0, 403],
  ["as a form, with the session", "asking", cookie(owners), 0, 403],
];

const rows = turnedAway.map(([how, of, headers, reads, changes = reads]) => ({ how, of, headers, reads, changes }));

test.each(rows)("nobody gets in $how, on any route", async ({ of, headers, reads, changes }) => {
  for (const route of routes) {
    const expected = isRead(route[0]) ? reads : changes;
    if (expected === 0) continue;
    expect([...route, await ask(of, route, headers)]).toEqual([...route, { status: expected, reached: false }]);
  }
});

/** Theirs is what a user without a name may. */
const ownersAlone = (path: string) => path.startsWith("/api/work");

test("who may is let in on each route, and machines that help with the owner's token alone", async () => {
  const ways: readonly (readonly [of: keyof typeof apps, headers: Record<string, string>, isAnn: boolean])[] = [
    ["asking", bearer(owners), false],
    ["asking", { ...page, ...cookie(owners) }, false],
    ["asking", { ...bearer(owners), Origin: "https://studio.example" }, false],
    ["asking", bearer(anns), true],
    ["asking", { ...page, ...cookie(anns) }, true],
    ["open", page, false],
    ["open", bearer("own"), false],
  ];
  for (const route of routes)
    for (const [of, headers, isAnn] of ways) {
      const { status } = await ask(of, route, headers);
      const isForbidden = isAnn && ownersAlone(route[1]);
      expect([...route, headers, status === 401 || status === 403]).toEqual([...route, headers, isForbidden]);
    }
});

test("the routes are those of the API", () => {
  expect(routes.length).toBeGreaterThan(50);
  for (const [method, path] of [
    ["POST", "/api/runs"],
    ["GET", "/api/runs/x/outputs/x"],
    ["PUT", "/api/samplers/x"],
    ["PUT", "/api/work/results/x"],
    ["GET", "/metrics"],
  ])
    expect(routes).toContainEqual([method, path]);
});
