import { expect, test } from "vitest";
import { factPhrase, factWords } from "../../../client/facts/words.ts";

const size = { batch: 16, channels: 3, height: 32, width: 32 };

test.each<[string, string | undefined, object | undefined, string]>([
  ["tensor", undefined, { ...size, meaning: "x0" }, "x₀, 16 × 3 × 32 × 32"],
  ["tensor", "x", size, "x, 16 × 3 × 32 × 32"],
  ["tensor", "gradient", undefined, "gradient"],
  ["tensor", undefined, { batch: 16 }, "tensor, 16 × ? × ? × ?"],
  ["model", undefined, { channels: 1, height: 8, width: 12, multiple: 4 }, "model, 1 × 8 × 12, or multiples of 4"],
  ["network", undefined, { channels: 3, multiple: 1 }, "network, 3 × ? × ?, or any sides"],
  ["classifier", undefined, { classes: 10, weights: "averaged" }, "classifier, 10 classes, averaged weights"],
  [
    "model",
    undefined,
    { channels: 1, height: 16, width: 16, condition: 3, weights: "averaged" },
    "model, 1 × 16 × 16, beside a condition of 3 channels, averaged weights",
  ],
  ["model_output", undefined, { ...size, weights: "averaged" }, "model output, 16 × 3 × 32 × 32"],
  ["schedule", undefined, { count: 25 }, "schedule of 25 steps"],
  ["schedule", undefined, {}, "schedule"],
  ["labels", undefined, { batch: 16, max: 9 }, "16 labels, at most 9"],
  ["labels", undefined, { batch: 1, max: 3 }, "one label for all, at most 3"],
  ["labels", undefined, undefined, "list of labels"],
  [
    "model",
    undefined,
    { channels: 3, height: 32, width: 32, classes: 11, predicts: "x0", learnSigma: true },
    "model, 3 × 32 × 32, 11 classes, predicts x₀ and σ",
  ],
  ["model", undefined, { channels: 1, height: 8, width: 12, multiple: 4 }, "model, 1 × 8 × 12, or multiples of 4"],
  ["network", undefined, { channels: 3, multiple: 1 }, "network, 3 × ? × ?, or any sides"],
  ["classifier", undefined, { channels: 3, height: 32, width: 32, classes: 10 }, "classifier, 3 × 32 × 32, 10 classes"],
  [
    "prediction",
    undefined,
    { ...size, conditioned: "mean" },
    "prediction, 16 × 3 × 32 × 32, its mean moved by a gradient",
  ],
  ["image", undefined, { batch: 2, channels: 1, height: 8, width: 8 }, "picture, 2, 8 × 8, grey"],
  ["image", undefined, { batch: 1, channels: 4, height: 8, width: 12 }, "picture, 1, 8 × 12, 4 channels"],
  ["image", undefined, { channels: 6 }, "picture, 6 channels, seen as their mean"],
  ["number", undefined, {}, "number"],
  ["audio/sound", undefined, undefined, "audio/sound"],
])("%s with meaning %s of %j is said in words", (kind, meaning, facts, words) => {
  expect(factWords(kind, meaning, facts)).toBe(words);
});

test("a sentence begins with the kind and tells the rest in brackets", () => {
  expect(factPhrase("tensor", undefined, { ...size, meaning: "eps" })).toBe("a tensor (ε, 16 × 3 × 32 × 32)");
  expect(factPhrase("tensor", "gradient", size)).toBe("a gradient (16 × 3 × 32 × 32)");
  expect(factPhrase("labels", undefined, { batch: 2, max: 12 })).toBe("a list of labels (2 labels, at most 12)");
  expect(factPhrase("image")).toBe("a picture");
});
