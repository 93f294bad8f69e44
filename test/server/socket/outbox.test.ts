import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outbox } from "../../../server/socket/outbox.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client that takes what it is sent when the test says so. */
function connected() {
  const sent: unknown[] = [];
  const closed: unknown[] = [];
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (data: unknown) => sent.push(data),
    close: (...why: unknown[]) => closed.push(why),
    terminate: () => closed.push("terminated"),
  });
  const outbox = new Outbox(socket as never, { cork() {}, uncork() {} } as never);
  return { outbox, socket, sent, closed };
}

const full = 2 ** 20;
const bytes = (value: number) => Uint8Array.of(value);
const frame = (of: string, value: number) => ({ run: "r", of, frame: bytes(value) });

test("of pictures that wait only the latest of each name leaves, when there is room again", async () => {
  const { outbox, socket, sent } = connected();
  outbox.show(frame("a", 1));
  socket.bufferedAmount = full;
  for (const value of [2, 3]) outbox.show(frame("a", value));
  outbox.show(frame("b", 4));
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual([bytes(1)]);
  socket.bufferedAmount = 0;
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual([bytes(1), bytes(3), bytes(4)]);
});

test("one that takes a little goes on; one that takes nothing is told why, then cut off", async () => {
  const { outbox, socket, sent, closed } = connected();
  socket.bufferedAmount = 2 * full;
  const drained = outbox.drained();
  outbox.show(frame("a", 1));
  for (let i = 0; i < 4; i++) {
    await vi.advanceTimersByTimeAsync(4_000);
    socket.bufferedAmount--;
  }
  expect([closed, outbox.closed.aborted]).toEqual([[], false]);
  await vi.advanceTimersByTimeAsync(6_000);
  await drained;
  expect(closed).toEqual([[1013, "It reads too slowly; subscribe again after the last number"]]);
  expect([outbox.closed.aborted, sent]).toEqual([true, []]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(closed.at(-1)).toBe("terminated");
});

test("what is said in reply counts like all else: one that takes none of it is let go", async () => {
  const { outbox, socket, closed } = connected();
  outbox.send({ type: "refused", message: "No" });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(closed).toEqual([]);
  socket.bufferedAmount = full;
  outbox.send({ type: "refused", message: "No" });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(closed).toEqual([[1013, "It reads too slowly; subscribe again after the last number"]]);
});

test("nothing waits for a client that is gone", async () => {
  const { outbox, socket, sent } = connected();
  socket.bufferedAmount = full;
  const drained = outbox.drained();
  outbox.show(frame("a", 1));
  socket.readyState = 3;
  socket.emit("close");
  await vi.advanceTimersByTimeAsync(100);
  await drained;
  outbox.send({ type: "live", run: "r", seq: 1 });
  expect(sent).toEqual([]);
});

test("pictures that wait leave one by one, and a series asks for the next when there is room", async () => {
  const { outbox, socket, sent } = connected();
  socket.bufferedAmount = full;
  for (const of of ["a", "b", "c"]) outbox.show(frame(of, 1));
  let asked = 0;
  const shown = outbox.showAll(
    (async function* () {
      for (; asked < 3; asked++) yield frame("d", asked);
    })(),
    new AbortController().signal,
  );
  await vi.advanceTimersByTimeAsync(100);
  expect([sent.length, asked]).toEqual([0, 0]);
  // It takes one, and is full again with the next.
  socket.bufferedAmount = 0;
  const send = socket.send;
  socket.send = (data) => {
    socket.bufferedAmount = full;
    return send(data);
  };
  for (let taken = 1; taken <= 4; taken++) {
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.length).toBe(taken);
    socket.bufferedAmount = 0;
  }
  for (let taken = 0; taken < 3; taken++) {
    await vi.advanceTimersByTimeAsync(100);
    socket.bufferedAmount = 0;
  }
  await vi.advanceTimersByTimeAsync(100);
  await shown;
  expect(asked).toBe(3);
});
