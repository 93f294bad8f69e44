import { expect, test } from "vitest";
import { torchNoise } from "../../diffusion/index.ts";

const options = { seed: 5, dims: [1, 1, 4, 4], draws: 4 };

test("torchNoise refuses a draw that is the next batch's first", () => {
  const noise = torchNoise({ ...options, followed: true });
  expect(noise.draw(3).data).toEqual(torchNoise(options).draw(3).data);
  expect(() => noise.draw(4)).toThrow("Cannot take draw 4: torch's next batch begins after 4; use philox");
});

test("torchNoise of the last batch draws on", () => {
  const next = torchNoise({ ...options, batch: 1 });
  expect(torchNoise(options).draw(4).data).toEqual(next.draw(0).data);
});
