import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { editorWith } from "../support/editor.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("what is said goes after a while, and what can be acted upon after twice that", () => {
  const editor = editorWith();
  editor.say({ text: "Saved" });
  vi.advanceTimersByTime(6100);
  expect(editor.state.notice).toBeUndefined();
  editor.say({ text: "Deleted", action: { label: "Undo", run: () => {} } });
  vi.advanceTimersByTime(6100);
  expect(editor.state.notice?.text).toBe("Deleted");
  vi.advanceTimersByTime(6100);
  expect(editor.state.notice).toBeUndefined();
});

test("what is read stays, and a moment longer; nothing that was to stay longer goes earlier for that", () => {
  const editor = editorWith();
  editor.say({ text: "Saved" });
  editor.read(true);
  vi.advanceTimersByTime(60_000);
  expect(editor.state.notice?.text).toBe("Saved");
  editor.read(false);
  vi.advanceTimersByTime(2900);
  expect(editor.state.notice?.text).toBe("Saved");
  vi.advanceTimersByTime(200);
  expect(editor.state.notice).toBeUndefined();

  editor.say({ text: "Copying" }, 20_000);
  editor.read(true);
  editor.read(false);
  vi.advanceTimersByTime(19_000);
  expect(editor.state.notice?.text).toBe("Copying");
});

test("what went wrong stays until it is closed, or something else is said", () => {
  const editor = editorWith();
  editor.say({ text: "Not saved", bad: true });
  vi.advanceTimersByTime(600_000);
  expect(editor.state.notice?.text).toBe("Not saved");
  editor.hush();
  expect(editor.state.notice).toBeUndefined();
  editor.say({ text: "Not saved", bad: true });
  editor.say({ text: "Saved" });
  vi.advanceTimersByTime(6100);
  expect(editor.state.notice).toBeUndefined();
});

test("the end of what was said before ends nothing that is said now, and a card that was closed is read no more", () => {
  const editor = editorWith();
  editor.say({ text: "One" });
  vi.advanceTimersByTime(5000);
  editor.say({ text: "Two" });
  vi.advanceTimersByTime(5000);
  expect(editor.state.notice?.text).toBe("Two");
  editor.read(true);
  editor.hush();
  editor.say({ text: "Three" });
  vi.advanceTimersByTime(6100);
  expect(editor.state.notice).toBeUndefined();
});
