import { afterEach, expect, test, vi } from "vitest";
import { Api, ApiError } from "../../../client/runs/api.ts";

afterEach(() => void vi.unstubAllGlobals());

/** What health is when the server, or what is before it, answers so. */
function health(status: number, body: string) {
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
  return new Api({ url: "http://127.0.0.1:8188", token: undefined } as ConstructorParameters<typeof Api>[0]).health();
}

test("a server that takes no runs now is there, and says how it is", async () => {
  const told = { status: "unavailable", reasons: ["The disk is full"], version: "0.1.0", backend: "cpu" };
  expect(await health(503, JSON.stringify(told))).toEqual(told);
});

test("what a proxy answers, or a server that does not let in, is no health", async () => {
  await expect(health(503, "<h1>Service Unavailable</h1>")).rejects.toBeInstanceOf(ApiError);
  await expect(health(401, '{"errors":[{"message":"No"}]}')).rejects.toMatchObject({ status: 401, message: "No" });
});

test("a document is written over by the tag that no proxy changes, and an example by none", async () => {
  const asked: (string | null)[] = [];
  const tagged = (tags: Record<string, string>) =>
    vi.stubGlobal("fetch", async (_: URL, init: RequestInit) => {
      asked.push(new Headers(init.headers).get("If-Match"));
      return new Response("{}", { headers: tags });
    });
  const api = new Api({ url: "http://127.0.0.1:8188", token: undefined } as ConstructorParameters<typeof Api>[0]);
  tagged({ ETag: 'W/"x-gzip"', "Document-ETag": '"x"' });
  const { etag } = await api.graph("mine");
  expect(await api.saveGraph("mine", {}, etag)).toBe('"x"');
  expect(await api.renameGraph("mine", "new", '"x"')).toBe('"x"');
  expect(asked).toEqual([null, '"x"', '"x"']);
  tagged({ ETag: '"x"' });
  expect(await api.graph("guided-ddim")).toEqual({ graph: {} });
});
