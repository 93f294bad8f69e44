import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Question, questions } from "../../../server/channel/questions.ts";
import { Asked } from "../../../server/supervisor/asked.ts";

/** With what was sent to the process so far, and how often it was given up. */
function asking() {
  const sent: [number, Question][] = [];
  const overdue = vi.fn();
  const asked = new Asked(overdue);
  const open = () => asked.open((id, question) => sent.push([id, question]));
  return { asked, sent, overdue, open };
}

test("questions are put one after the other, and each gets its reply", async () => {
  const { asked, sent, open } = asking();
  const [images, check] = [asked.ask("images", null), asked.ask("check", { graph: "{}", batches: 1 })];
  expect(sent).toEqual([]);
  open();
  expect(sent).toEqual([[0, "images"]]);
  expect(asked.answer(0, ["a.png"])).toBe(true);
  expect(sent[1]).toEqual([1, "check"]);
  expect(asked.answer(1, [])).toBe(true);
  expect([await images, await check]).toEqual([["a.png"], []]);
});

test.each([
  ["models", null, "none"],
  ["images", null, [7]],
  ["image", { file: "a.png" }, {}],
  ["check", { graph: "{}", batches: 1 }, true],
] as const)(
  "what is no reply to %s is told, and whoever asked waits for the end of the process",
  async (question, ask, reply) => {
    const { asked, open } = asking();
    open();
    const waiting = asked.ask(question, ask as never);
    expect(asked.answer(0, reply)).toBe(false);
    asked.end(undefined);
    await expect(waiting).rejects.toMatchObject({ name: "Refusal", reason: "unavailable" });
  },
);

test("problems refuse a question, and what nobody asked is passed over", async () => {
  const { asked, open } = asking();
  open();
  const waiting = asked.ask("image", { file: "a.png" });
  asked.refuse(0, [{ message: "There is none", node: "7" }]);
  await expect(waiting).rejects.toMatchObject({ reason: "unfit", problems: [{ message: "There is none", node: "7" }] });
  expect(asked.answer(99, "anything")).toBe(true);
});

test("of a process that ends, the question it was at is refused; the others are put to the next", async () => {
  const { asked, sent, open } = asking();
  open();
  const [first, second] = [asked.ask("image", { file: "a.png" }), asked.ask("images", null)];
  asked.end({ by: "crash", how: "ended its process (SIGSEGV)" });
  await expect(first).rejects.toMatchObject({
    name: "Refusal",
    message: "Looking at this picture ended its process (SIGSEGV)",
  });
  open();
  expect(sent[1]).toEqual([1, "images"]);
  asked.answer(1, []);
  expect(await second).toEqual([]);
  const last = asked.ask("models", null);
  asked.end(undefined);
  await expect(last).rejects.toThrow("The worker ended before it answered; try again");
});

test("what nobody waits for any more is not put; what is asked already is answered to nobody", async () => {
  const { asked, sent, open } = asking();
  const [first, second] = [new AbortController(), new AbortController()];
  const left = [first, second].map(({ signal }) => asked.ask("image", { file: "a.png" }, signal));
  const last = asked.ask("images", null);
  second.abort(new Error("gone"));
  await expect(left[1]).rejects.toThrow("gone");
  open();
  first.abort(new Error("gone too"));
  await expect(left[0]).rejects.toThrow("gone too");
  asked.refuse(0, [{ message: "There is none" }]);
  asked.answer(1, ["a.png"]);
  expect([await last, sent]).toEqual([
    ["a.png"],
    [
      [0, "image"],
      [1, "images"],
    ],
  ]);
  await expect(asked.ask("images", null, first.signal)).rejects.toThrow("gone too");
});

test("what ended of a question is told, also when nobody waits for it any more", async () => {
  const { asked, open } = asking();
  const told: unknown[] = [];
  asked.undone.subscribe(({ question, ask, why }) => told.push([question, ask, why.message]));
  open();
  const leaving = new AbortController();
  const left = asked.ask("image", { file: "a.png" }, leaving.signal);
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  asked.end({ by: "crash", how: "ended its process (SIGSEGV)" });
  expect(told).toEqual([["image", { file: "a.png" }, expect.stringMatching(/ended its process/)]]);
  open();
  void asked.ask("images", null).catch(() => {});
  asked.end(undefined);
  expect(told).toHaveLength(1);
});

test("more than are answered in a while are refused at once, and taken again when there is room", async () => {
  const { asked, open } = asking();
  const many = Array.from({ length: 1_000 }, () => asked.ask("images", null));
  await expect(asked.ask("images", null)).rejects.toMatchObject({ reason: "unavailable", message: /wait already/ });
  open();
  asked.answer(0, []);
  expect(await many[0]).toEqual([]);
  void asked.ask("images", null);
  for (let id = 1; id <= 1_000; id++) asked.answer(id, ["a.png"]);
  expect(await many[999]).toEqual(["a.png"]);
});

test("where no process follows, nobody waits", async () => {
  const { asked } = asking();
  const waiting = asked.ask("images", null);
  asked.close();
  await expect(waiting).rejects.toMatchObject({ reason: "unavailable" });
  await expect(asked.ask("images", null)).rejects.toMatchObject({ reason: "unavailable" });
});

describe("the time that a question has", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(Object.keys(questions) as Question[])("ends for %s when nothing is heard for long", async (question) => {
    const { asked, overdue, open } = asking();
    open();
    const waiting = asked.ask(question, { file: "a" } as never);
    const { quietMs, subject } = questions[question];
    vi.advanceTimersByTime(quietMs - 1);
    asked.heard();
    vi.advanceTimersByTime(quietMs - 1);
    expect(overdue).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(overdue).toHaveBeenCalledTimes(1);
    asked.end(undefined);
    await expect(waiting).rejects.toThrow(`Looking at ${subject} took longer than ${quietMs / 1_000} s`);
  });

  test("ends though it is heard again and again, and is over with the reply", () => {
    const { asked, overdue, open } = asking();
    open();
    asked.ask("models", null).catch(() => {});
    asked.answer(0, []);
    vi.advanceTimersByTime(3_600_000);
    expect(overdue).not.toHaveBeenCalled();
    asked.ask("models", null).catch(() => {});
    for (let i = 0; i < 1_000; i++) {
      asked.heard();
      vi.advanceTimersByTime(1_000);
    }
    expect(overdue).toHaveBeenCalledTimes(1);
  });

  test("is told of while it goes on", () => {
    const { asked, open } = asking();
    open();
    for (const file of ["a.pt", "b.pt"]) asked.ask("model", { file, flags: "" }).catch(() => {});
    const since = new Date().toISOString();
    expect(asked.stuck).toBeUndefined();
    vi.advanceTimersByTime(2_000);
    expect(asked.stuck).toEqual({ question: "model", file: "a.pt", since, waiting: 1 });
    asked.refuse(0, [{ message: "No" }]);
    expect(asked.stuck).toBeUndefined();
  });
});
