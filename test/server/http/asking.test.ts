import { EventEmitter } from "node:events";
import type { Response } from "express";
import { expect, test } from "vitest";
import { leaving } from "../../../server/http/asking.ts";

const response = (state: object) => Object.assign(new EventEmitter(), state) as unknown as Response;

test("who goes is known, and who went before it was asked for", () => {
  const here = response({ closed: false, destroyed: false });
  const signal = leaving(here);
  expect(signal.aborted).toBe(false);
  here.emit("close");
  expect(signal.aborted).toBe(true);
  for (const gone of [{ closed: true }, { destroyed: true }]) expect(leaving(response(gone)).aborted).toBe(true);
});
