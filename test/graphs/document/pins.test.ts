import { describe, expect, test } from "vitest";
import { documentBuilder, setParameter, withPins } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

const hashOf = async (file: string) => (file === "here.pt" ? "a1b2" : undefined);

describe("withPins", () => {
  test("writes the hash of a file beside its id, at any depth", async () => {
    const b = documentBuilder(nodes);
    b.add("guidegraph/load-unet", { file: "here.pt" });
    b.subgraph("Inside", {}, (inner) => void inner.add("guidegraph/load-classifier", { file: "here.pt" }));
    const { nodes: pinned } = await withPins(b.document(), nodes, hashOf);
    expect(pinned[0].properties.sha256).toBe("a1b2");
    expect(pinned[1].inner?.nodes[0].properties.sha256).toBe("a1b2");
  });

  test("leaves a hash that is there, a file that is not, and one that a wire supplies", async () => {
    const b = documentBuilder(nodes);
    const known = { file: "here.pt", sha256: "ffff" };
    b.add("guidegraph/load-unet", known);
    b.add("guidegraph/load-unet", { file: "absent.pt" });
    b.subgraph("Inside", { file: "here.pt" }, (inner) => {
      inner.add("guidegraph/load-unet", { file: inner.input("file", "text") });
    });
    const document = b.document();
    expect(await withPins(document, nodes, hashOf)).toEqual(document);
  });
});

test("setParameter lets go of the hash when another file is set, and only then", () => {
  const b = documentBuilder(nodes);
  b.add("guidegraph/load-unet", { file: "here.pt", sha256: "a1b2" });
  const sha256 = (name: string, value: string) =>
    setParameter(b.document(), `Load UNet.${name}`, value, nodes).nodes[0].properties.sha256;
  expect(sha256("file", "other.pt")).toBe("");
  expect(sha256("file", "here.pt")).toBe("a1b2");
  expect(sha256("flags", "--num_heads 4")).toBe("a1b2");
});
