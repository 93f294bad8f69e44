import { expect, test } from "vitest";
import { Asked } from "../../../server/supervisor/asked.ts";

test("a reply reaches who asked, whatever the order", async () => {
  const asked = new Asked();
  const ids: number[] = [];
  const [images, check] = [asked.ask("images", (id) => ids.push(id)), asked.ask("check", (id) => ids.push(id))];
  expect(asked.answer(ids[1], null)).toBe(true);
  expect(asked.answer(ids[0], ["a.png"])).toBe(true);
  expect([await images, await check]).toEqual([["a.png"], null]);
});

test.each([
  ["models", "none"],
  ["images", [7]],
  ["image", {}],
  ["check", true],
] as const)(
  "what is no reply to %s is told, and whoever asked waits for the end of the process",
  async (question, reply) => {
    const asked = new Asked();
    let id = -1;
    const waiting = asked.ask(question, (its) => {
      id = its;
    });
    expect(asked.answer(id, reply)).toBe(false);
    asked.end();
    await expect(waiting).rejects.toMatchObject({ name: "Refusal", reason: "unavailable" });
  },
);

test("problems refuse a question, and what nobody asked is passed over", async () => {
  const asked = new Asked();
  const waiting = asked.ask("image", (id) => asked.refuse(id, [{ message: "There is none", node: "7" }]));
  await expect(waiting).rejects.toMatchObject({ reason: "unfit", problems: [{ message: "There is none", node: "7" }] });
  expect(asked.answer(99, "anything")).toBe(true);
});
