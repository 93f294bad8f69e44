import { expect, test } from "vitest";
import type { Question } from "../../../server/channel/questions.ts";
import type { Planner } from "../../../server/runs/planner.ts";
import { type Answers, answer, answersOf } from "../../../server/worker/answers.ts";
import { testEngine } from "../../support/run-document.ts";

const answers = answersOf(testEngine(), "/");

test("answer replies to what is asked as its row says", async () => {
  const all = await answer(answers, "models", null);
  expect(all).toContain("shapes32_diffusion.pt");
  expect(await answer(answers, "model", { file: "shapes32_diffusion.pt", flags: "" })).toMatchObject({ role: "unet" });
});

test.each<[Question, unknown]>([
  ["models", "all"],
  ["model", { file: 7, flags: "" }],
  ["network", { role: "judge", file: { file: "", sha256: "", flags: "" } }],
  ["check", undefined],
])("answer refuses %s asked with %j", async (question, ask) => {
  await expect(answer(answers, question, ask)).rejects.toThrow(`This is not how ${question} is asked`);
});

test("answer keeps back what is no reply", async () => {
  const wrong = { ...answers, images: async () => [7 as unknown as string] };
  await expect(answer(wrong, "images", null)).rejects.toThrow("The reply to images is not one");
});

test("handlers and those who ask are held to the catalogue by the compiler", () => {
  const { images: _, ...rest } = answers;
  // @ts-expect-error nobody answers images
  const fewer: Answers = rest;
  // @ts-expect-error nobody asks for the weather
  const more: Answers = { ...answers, weather: async () => null };
  // @ts-expect-error a picture's facts are no text
  const other: Answers = { ...answers, image: async () => "square" };
  const asking = (planner: Planner) => [
    // @ts-expect-error a model is asked for by file and flags
    () => planner.ask("model", { file: "a.pt" }),
    // @ts-expect-error all models are asked for without more
    () => planner.ask("models", {}),
    // @ts-expect-error there is no such question
    () => planner.ask("weather"),
  ];
  expect([fewer, more, other, asking]).toHaveLength(4);
});
