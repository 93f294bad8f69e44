import { expect, test } from "vitest";
import { maxMessageBytes, readMessages } from "../../../server/channel/messages.ts";

const step = { type: "event", run: "r", event: { type: "step", path: "7", index: 0, count: 4, ms: 1 } };
const preview = (bytes: number) => ({ type: "preview", run: "r", of: "7", frame: new Uint8Array(bytes) });

test("messages of one moment are read together", () => {
  expect(readMessages([step, preview(10)])).toEqual([step, preview(10)]);
});

test.each([
  ["nothing", undefined],
  ["no message", []],
  ["one that is not in a list", step],
  ["one of a type that nobody knows", [{ type: "shout" }]],
  ["one whose event is none", [step, { ...step, event: "nonsense" }]],
  ["one that is too large", [step, preview(maxMessageBytes)]],
])("%s is no message, and nothing that came with it is one", (_what, raw) => {
  expect(readMessages(raw)).toBeUndefined();
});
