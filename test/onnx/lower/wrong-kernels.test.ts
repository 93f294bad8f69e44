/** Kernels of WebGPU, of the kinds that graphs ask for, against the processor's; all of them: npm run bench -- kernels. */
import { describe, expect, test } from "vitest";
import { type KernelCase, kernelCase, shapes } from "../../support/kernels/case.ts";
import { wrongOnes } from "../../support/kernels/compare.ts";
import { kinds } from "../../support/kernels/kinds.ts";
import { generator } from "../../support/random.ts";
import { hasWebGpu } from "../../support/sessions.ts";

/** Software Vulkan compiles each for a tenth of a second, and for a second what multiplies matrices of many columns. */
const few = { convolutions: 8, products: 4 } as const satisfies { readonly [kind in keyof typeof kinds]?: number };
const others = 24;

/** Some of a list, the same in every run. */
function drawn(kind: string, cases: readonly KernelCase[]): readonly KernelCase[] {
  const random = generator(cases.length);
  return cases
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, few[kind as keyof typeof few] ?? others)
    .map(({ one }) => one);
}

describe.skipIf(!hasWebGpu)("on WebGPU", () => {
  for (const [kind, cases] of Object.entries(kinds))
    test(`${kind} come out as on the processor`, async () => {
      expect(await wrongOnes(drawn(kind, cases), "webgpu")).toEqual([]);
    });

  const bools = (dims: readonly number[]) => ({ dims, type: "bool" }) as const;
  const conv = (x: readonly number[], w: readonly number[], strides: readonly number[]) =>
    kernelCase(`Conv by ${strides}`, [x, w], (op, x, w) => op.Conv(x, w, { strides }));
  const wrong: readonly KernelCase[] = [
    conv([1, 6, 5, 5], [4, 6, 3, 3], [1, 1]),
    conv([2, 9, 6], [8, 9, 1], [2]),
    conv([1, 33, 4, 4], [32, 33, 2, 2], [2, 2]),
    // One of them is repeated otherwise than the first that a process met.
    kernelCase("And", [bools([2, 3, 8]), bools([2, 3, 1]), bools([2, 1, 8])], (op, a, b, c) =>
      op.Cast(op.Concat(op.And(a, b), op.And(a, c), { axis: 0 }), { to: "float32" }),
    ),
    kernelCase("Pow", shapes("2,3,8 2,3,1"), (op, a, b) => op.Pow(op.Abs(a), b)),
    kernelCase("Slice backwards", [[2, 7]], (op, x) =>
      op.Slice(x, op.int64([-2]), op.int64([0]), op.int64([1]), op.int64([-2])),
    ),
    kernelCase("ConvTranspose", shapes("1,8,5 8,1,3"), (op, x, w) => op.ConvTranspose(x, w, { group: 2 })),
  ];

  // Where onnxruntime has mended one, its lowering is a kernel too many.
  test("what is lowered is wrong as it is, and right as it is lowered", async () => {
    const names = wrong.map(({ name }) => name);
    expect((await wrongOnes(wrong, "webgpu", { plain: true })).map(({ name }) => name)).toEqual(names);
    expect(await wrongOnes(wrong, "webgpu")).toEqual([]);
  });
});
