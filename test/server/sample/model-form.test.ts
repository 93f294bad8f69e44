import { expect, test } from "vitest";
import { pastedFlags } from "../../../server/sample/model-form.ts";

const cases = {
  "a sampling command": [
    "python classifier_sample.py --model_path a.pt --image_size 64 --num_heads 4 --classifier_depth 4 --batch_size 8",
    { image_size: 64, num_heads: 4 },
    [],
    "--classifier_depth 4 --batch_size 8",
  ],
  "a training command with flags of its own": [
    "mpiexec -n 8 python scripts/image_train.py --data_dir x --num_heads 2 --noise_schedule cosine --lr 1e-4",
    { num_heads: 2, noise_schedule: "cosine" },
    ["not taken: --data_dir x, --lr 1e-4 (no flag of the reference's)"],
    undefined,
  ],
  "lines that only set variables": [
    'MODEL_FLAGS="--image_size 64 --num_head_channels 32"\nDIFFUSION_FLAGS="--diffusion_steps 4000"',
    { image_size: 64, num_head_channels: 32, diffusion_steps: 4000 },
    [],
    undefined,
  ],
  "flags alone": ["--num_heads 8 --predict_xstart True", { num_heads: 8, predict_xstart: true }, [], ""],
  "a command of improved-diffusion": [
    "cd improved-diffusion; python image_sample.py --model_path a.pt --diffusion_steps 4000",
    { diffusion_steps: 4000, rescale_timesteps: true },
    ["timesteps are scaled to 1000, as improved-diffusion does unless told otherwise"],
    "",
  ],
  "a command that says how to sample": [
    "python image_sample.py --model_path a.pt --num_heads 4 --use_ddim=True --timestep_respacing 10 --classes 1,2 --lr 3",
    { num_heads: 4 },
    ["not taken: --lr 3 (no flag of the reference's)"],
    "--use_ddim=True --timestep_respacing 10 --classes 1,2",
  ],
} as const;

test.for(Object.entries(cases))("%s says what it says of the network", ([, [command, flags, notes, sampling]]) => {
  expect(pastedFlags(command, "unet")).toEqual({ flags, notes, ...(sampling !== undefined && { sampling }) });
});

test("a classifier takes its own flags of a command", () => {
  const { flags, sampling } = pastedFlags(
    "python classifier_sample.py --model_path a.pt --num_heads 4 --image_size 64 --classifier_depth 4 --classifier_path b.pt --classifier_scale 10",
    "classifier",
  );
  expect(flags).toEqual({ image_size: 64, classifier_depth: 4 });
  expect(sampling).toBe("--classifier_scale 10");
});

test.for([
  ["ls -la", /no sampling command/],
  ["python train.py --lr 1", /says nothing of the network/],
  ["python image_sample.py --num_head 4", /did you mean --num_heads/],
  ["--num_heads four", /takes a whole number/],
  ["--num_heads $(nproc)", /computes a part of itself/],
] as const)("%s is refused in words", ([command, words]) => {
  expect(() => pastedFlags(command, "unet")).toThrow(words);
});
