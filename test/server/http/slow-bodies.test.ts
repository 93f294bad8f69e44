import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";
import { atPace } from "../../../server/http/slow-bodies.ts";

const pace = { whileMs: 100, leastBytes: 1_000 };
let http: Server;
beforeAll(async () => {
  const app = express();
  app.post("/", atPace(pace), express.raw({ type: () => true, limit: "10mb" }), (request, response) => {
    response.json(request.body.length);
  });
  app.post("/short", atPace({ ...pace, longestMs: 300 }), express.raw({ type: () => true }), (_request, response) => {
    response.json("all");
  });
  // What is not read is not waited for.
  app.post("/late", atPace(pace), (request, response) => {
    setTimeout(() => request.resume().on("end", () => response.json("late")), 500);
  });
  // Express tells of a body that ended early.
  app.use(((_error, _request, response, _next) => response.destroy()) as express.ErrorRequestHandler);
  http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

/** The first line of the reply to a body that comes in pieces, one every `everyMs`. */
function sent(path: string, pieces: number, bytes: number, everyMs: number): Promise<string> {
  const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
  let text = "";
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Length: ${pieces * bytes}\r\n\r\n`);
  let left = pieces;
  const timer = setInterval(() => {
    if (left-- > 0) socket.write(Buffer.alloc(bytes));
  }, everyMs);
  return new Promise((resolve) => {
    socket.on("data", (data) => {
      text += data;
      if (text.includes("\r\n\r\n")) socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve(text.split("\r\n", 1)[0]);
    });
  });
}

test("a body that trickles is ended in words, one that comes on is taken", async () => {
  const [trickling, silent, coming, endless, waiting] = await Promise.all([
    sent("/", 1_000, 1, 20),
    sent("/", 10, 100_000, 60_000),
    sent("/", 20, 5_000, 20),
    sent("/short", 1_000, 5_000, 20),
    sent("/late", 1, 200_000, 1),
  ]);
  expect([trickling, silent]).toEqual(Array(2).fill("HTTP/1.1 408 Request Timeout"));
  expect(coming).toBe("HTTP/1.1 200 OK");
  expect(endless).toBe("HTTP/1.1 408 Request Timeout");
  expect(waiting).toBe("HTTP/1.1 200 OK");
});

test("two hundred that trickle hold up nobody else", async () => {
  const slow = Array.from({ length: 200 }, () => sent("/", 1_000, 1, 50));
  expect(await sent("/", 1, 10, 1)).toBe("HTTP/1.1 200 OK");
  expect(new Set(await Promise.all(slow))).toEqual(new Set(["HTTP/1.1 408 Request Timeout"]));
});
