import { expect, test } from "vitest";
import { GraphError } from "../../../nodes/index.ts";
import { linesOf } from "../../../server/cli/errors.ts";
import { inFlags } from "../../../server/cli/in-flags.ts";

test.each([
  ["batch", "too many", "--batch_size: too many"],
  ["generator", "choose philox for ranges", "--noise: choose philox for ranges"],
  ["num_samples", "beyond the file", "--num_samples: beyond the file"],
  ["labels", "Cannot use label 12", "--classes: Cannot use label 12"],
  ["x", "of no flag", "node 4, x: of no flag"],
])("what is wrong with %s is said of its flag, once", (port, message, line) => {
  const errors = ["4", "5"].map((path) => new GraphError(message, port, path));
  expect(linesOf(inFlags(new AggregateError(errors)))[0]).toBe(line);
  expect(linesOf(inFlags(new AggregateError(errors)))).toHaveLength(line.startsWith("--") ? 1 : 2);
});
