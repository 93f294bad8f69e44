import { afterEach, expect, test, vi } from "vitest";
import { connect } from "../../../client/plugin/connect.ts";
import { LGraph } from "./host.ts";

/** A connection to a server that answers every request with this status. */
function connected(status: number) {
  const sockets: { closed: boolean; close(): void }[] = [];
  class Socket {
    static readonly OPEN = 1;
    readonly readyState = 0;
    closed = false;
    constructor() {
      sockets.push(this);
    }
    close(): void {
      this.closed = true;
    }
  }
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("fetch", async () => Response.json({ errors: [{ message: `status ${status}` }] }, { status }));
  const connection = connect(new LGraph(), "http://127.0.0.1:1");
  const told = new Promise<unknown>((resolve) => {
    connection.onProblems = resolve;
  });
  return { connection, told, sockets };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a server that refuses the page is not asked again, and a run says why", async () => {
  const { connection, told, sockets } = connected(401);
  expect(await told).toEqual([{ message: "status 401" }]);
  expect(sockets.map(({ closed }) => closed)).toEqual([true]);
  await expect(connection.run()).rejects.toThrow("status 401");
});

test("a server that is not well is waited for", async () => {
  const { connection, told, sockets } = connected(502);
  expect(await told).toEqual([{ message: "status 502" }]);
  expect(sockets.map(({ closed }) => closed)).toEqual([false]);
  await expect(connection.run()).rejects.toThrow("status 502");
  connection.close();
  await expect(connection.run()).rejects.toThrow("The connection is closed");
});
