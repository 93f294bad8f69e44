import { expect, test } from "vitest";
import { oneATurn } from "../../../server/runs/one-a-turn.ts";

test("of those that ask at once each has a turn of its own, in their order, and others come in between", async () => {
  const ownTurn = oneATurn();
  const told: string[] = [];
  let isOver = false;
  const other = () => {
    if (isOver) return;
    told.push(".");
    setImmediate(other);
  };
  const all = ["a", "b", "c", "d"].map((name) => ownTurn().then(() => told.push(name)));
  setImmediate(other);
  await Promise.all(all);
  isOver = true;
  expect(told.join("")).toMatch(/^\.?a\.+b\.+c\.+d$/);
});
