import { expect, test } from "vitest";
import { examples } from "../../../graphs/recipes/index.ts";
import { orderOf } from "../../../server/worker/order.ts";
import { testEngine } from "../../support/run-document.ts";

test.each(["guided-ddim", "guided-and-judged", "best-of-four"] as const)(
  "of %s it is told how many pictures a batch draws, its sheet apart",
  async (name) => {
    const { pictures } = await orderOf(testEngine(), examples[name](), { batches: 4, folder: "/nowhere" });
    expect(pictures).toBe(name === "best-of-four" ? 4 : 16);
  },
);
