import { expect, test } from "vitest";
import { withChannels } from "../../diffusion/index.ts";
import loadImage from "../../nodes/pictures/load-image.ts";
import { fakeContext, fakeKnown, fakeUnet, pictures, unetFacts } from "../support/fake-context.ts";

const grey = fakeUnet({ ...unetFacts, channels: 1 });
const parameters = { file: "image.png", height: 0, width: 0, first: 0, count: 0 };

test("pictures are grey where their network has one channel, and the facts say so", async () => {
  const { image } = loadImage.infer!({ model: grey.facts }, fakeKnown(parameters));
  expect(image).toEqual({ batch: 2, channels: 1, height: 4, width: 4 });
  const run = await loadImage.run({ ...parameters, model: grey }, fakeContext());
  expect(run.image).toEqual(withChannels(pictures, 1));
  expect(run.image.dims).toEqual([2, 4, 4, 1]);
  expect(() => loadImage.infer!({ model: { ...unetFacts, channels: 4 } }, fakeKnown(parameters))).toThrow(
    /pictures of 3 channels to a network that takes 4/,
  );
});

test("luma is that of ITU-R BT.601, and grey comes through both ways as it was", () => {
  const primaries = { dims: [1, 1, 4, 3], data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77) };
  expect([...withChannels(primaries, 1).data]).toEqual([76, 150, 29, 77]);
  const levels = { dims: [1, 1, 256, 1], data: Uint8Array.from({ length: 256 }, (_, i) => i) };
  expect(withChannels(withChannels(levels, 3), 1)).toEqual(levels);
  expect([...withChannels({ dims: [1, 1, 1, 4], data: Uint8Array.of(1, 2, 3, 0) }, 3).data]).toEqual([1, 2, 3]);
});
