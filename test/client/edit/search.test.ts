import { expect, test } from "vitest";
import { searchNodes } from "../../../client/edit/search.ts";
import { catalogue } from "../support/catalogue.ts";

const titles = (query: string) => searchNodes(catalogue.nodes, query).map(({ title }) => title);

test("searchNodes finds by title, by the reference's function, by category and by description, the title first", () => {
  expect(titles("condition mean")[0]).toBe("Condition Mean");
  expect(titles("condition_score")[0]).toBe("Condition Score");
  expect(titles("p_sample")).toContain("DDPM Step");
  expect(titles("pictures")).toContain("Save PNG");
  expect(titles("xyz")).toEqual([]);
  expect(titles("")).toHaveLength(catalogue.nodes.length);
});

test("searchNodes finds parameters and ports, what people say, and past a slip of the hand", () => {
  for (const [word, title] of [
    ["seed", "Gaussian Noise"],
    ["timestep_respacing", "Diffusion Schedule"],
    ["weight", "Scale"],
    ["interval", "Step Value"],
    ["compare", "Grid"],
    ["cfg", "Classifier-Free Guidance"],
    ["negative", "Classifier-Free Guidance"],
    ["guidence", "Guidance Gradient"],
    ["shedule", "Diffusion Schedule"],
  ])
    expect([word, titles(word)]).toEqual([word, expect.arrayContaining([title])]);
  for (const [word, title] of [
    ["scale", "Scale"],
    ["schedule", "Diffusion Schedule"],
    ["eta", "DDIM Step"],
    ["noise", "Gaussian Noise"],
    ["labels", "Class Labels"],
    ["grid", "Grid"],
  ])
    expect([word, titles(word)[0]]).toEqual([word, title]);
});
