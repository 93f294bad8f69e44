import { expect, test } from "vitest";
import { nodeReference, nodes } from "../../nodes/index.ts";

test("docs/nodes.md is what the definitions say", async () => {
  await expect(nodeReference(nodes)).toMatchFileSnapshot("../../docs/nodes.md");
});
