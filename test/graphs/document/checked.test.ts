import { expect, test } from "vitest";
import { checkedInPieces } from "../../../graphs/document/checked.ts";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { allAtOnce } from "../../../graphs/document/pieces.ts";
import { graph as schema } from "../../../graphs/document/schema.ts";
import { toys } from "../../executor/toys.ts";

const { registry } = toys();
const b = documentBuilder(registry);
const x = b.add("guidegraph/constant", { value: 1 });
b.subgraph("Inner", { x: x.out("x") }, (inner) => {
  const once = inner.add("guidegraph/scale", { x: inner.input("x", "tensor"), factor: 2 });
  inner.subgraph("Innermost", { x: once.out("x") }, (last) => last.output("x", "tensor", last.input("x", "tensor")));
});
const text = JSON.stringify(writeDocument(b.document()));

/** Every place in a value, as what sets something else there. */
function* places(value: object): Generator<(other: unknown) => void> {
  for (const [key, inner] of Object.entries(value)) {
    yield (other) => Object.assign(value, { [key]: other });
    if (typeof inner === "object" && inner !== null) yield* places(inner);
  }
}

test("a graph asked in pieces is what the schema says of it, whatever stands anywhere in it", () => {
  const count = [...places(JSON.parse(text))].length;
  let refused = 0;
  for (let i = 0; i < count; i++)
    for (const other of [null, -1, "other", [], {}, [{}], undefined]) {
      const json = JSON.parse(text);
      [...places(json)][i](other);
      const issues: Parameters<typeof checkedInPieces>[1] = [];
      const data = allAtOnce(checkedInPieces(json, issues));
      const whole = schema.safeParse(json);
      expect(data).toEqual(whole.data);
      const sorted = (all: readonly unknown[]) => all.map((one) => JSON.stringify(one)).sort();
      expect(sorted(issues)).toEqual(sorted(whole.error?.issues ?? []));
      if (!whole.success) refused++;
    }
  expect(refused).toBeGreaterThan(count);
});
