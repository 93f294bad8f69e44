import { describe, expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { upgrade } from "../../../onnx/standard/upgrade.ts";
import { materialise, oneNode } from "../../support/check-gradient.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";
import { cases } from "../autodiff/cases/index.ts";

describe("upgrade", () => {
  for (const [op, list] of Object.entries(cases)) {
    const old = list.filter(({ opset = 18 }) => opset < 18);
    if (old.length === 0) continue;
    test(`keeps what ${op} of older opsets computes`, async () => {
      for (const given of old) {
        const inputs = given.x.map((operand, i) => operand && materialise(operand, `x${i}`, generator(i + 1)));
        const model = oneNode(op, given, inputs, false);
        const feeds = Object.fromEntries(inputs.flatMap((x) => (x && !x.constant ? [[x.name, x]] : [])));
        const upgraded = upgrade(model);
        expect(upgraded.opsets.get("")).toBe(18);
        const [before, after] = await Promise.all(
          [model, upgraded].map(async (m) => (await openSession(await writeModel(m), "cpu")).run(feeds)),
        );
        expect(after.y.dims).toEqual(before.y.dims);
        expect([...after.y.values]).toEqual([...before.y.values]);
      }
    });
  }

  test("leaves models of opset 18 and later as they are", () => {
    const op = graphBuilder();
    op.output("y", op.Tanh(op.input("x", "float32", [1])), "float32");
    const model = op.model("new", 21);
    expect(upgrade(model)).toBe(model);
  });

  test("refuses opsets before 9 with the number", () => {
    expect(() => upgrade(graphBuilder().model("old", 7))).toThrow("opset 7: export it with opset 9 or later");
  });
});
