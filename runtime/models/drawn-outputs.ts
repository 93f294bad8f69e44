/** Outputs that are drawn at random have no place in a run, which gives the same from the same seed: what is drawn enters by a wire. */
import { drawnAtRandom, type OnnxModel } from "../../onnx/index.ts";
import type { RoleNames } from "./role-names.ts";
import type { Roles } from "./roles.ts";

/** A network without its outputs that are drawn at random. Throws a SyntaxError where nothing else is left, or one of them is wanted. */
export function withoutDrawn(
  model: OnnxModel,
  roles: Roles,
  { out }: RoleNames,
): { roles: Roles; said: readonly string[] } {
  const drawn = drawnAtRandom(
    model,
    roles.outs.map(({ name }) => name),
  );
  const outs = roles.outs.filter(({ name }) => !drawn.has(name));
  const why = drawn.get(out !== undefined || outs.length === 0 ? roles.out.name : "");
  if (why !== undefined) throw new SyntaxError(why);
  return {
    roles: { ...roles, outs, out: outs.includes(roles.out) ? roles.out : outs[0] },
    said: [...drawn.keys()].map((name) => `its output "${name}" is left out: it is drawn at random`),
  };
}
