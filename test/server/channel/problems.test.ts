import { expect, test } from "vitest";
import { GraphErrors } from "../../../executor/index.ts";
import { GraphError } from "../../../nodes/index.ts";
import { failureOf, OtherMachine, presentable, presentableProblems } from "../../../server/channel/problems.ts";
import { isDiskFull } from "../../../server/files/disk-full.ts";

test("every problem is told with its node and port", () => {
  const errors = new GraphErrors([new GraphError("a", "x", "7/3"), new GraphError("b")]);
  expect(presentableProblems(errors, [])).toEqual([{ message: "a", node: "7/3", port: "x" }, { message: "b" }]);
  expect(failureOf(errors, [])).toEqual({ code: "GRAPH", message: "a\nb", node: "7/3", port: "x" });
});

test("names of folders, control characters and endless texts stay here", () => {
  expect(presentable("Cannot read /home/me/data/x.pt and /home/me/y", ["/home/me", "/home/me/data"])).toBe(
    "Cannot read …/x.pt and …/y",
  );
  expect(presentable("a\u001b[31mb\nc", [])).toBe("a?[31mb\nc");
  expect(presentable("x".repeat(5_000), []).length).toBe(1_000);
});

test("what another machine would draw is no fault of the graph", () => {
  expect(failureOf(new OtherMachine("no node"), [])).toEqual({ code: "OTHER_MACHINE", message: "no node" });
});

test("a full disk is known by its cause, however deep", () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  const wrapped = Object.assign(new GraphError("Cannot save", undefined, "12"), { cause: full });
  expect(failureOf(wrapped, [])).toMatchObject({ code: "DISK_FULL", node: "12" });
  expect(isDiskFull(new Error("other"))).toBe(false);
});
