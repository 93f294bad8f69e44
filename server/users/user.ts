/** Who asks. The owner may all; whoever has a name in the token file is known by it, and changes only what is theirs. */
import { Refusal } from "../refusal.ts";

export interface User {
  /** Undefined: the owner. Where no token is asked for, everybody is. */
  readonly name: string | undefined;
}

export const owner: User = { name: undefined };

/** Throws a Refusal where a run is another's. `by`: who submitted it. */
export function expectOwn(user: User, { number, by }: { readonly number: number; readonly by?: string }): void {
  if (user.name === undefined || user.name === by) return;
  const whose = by === undefined ? "the owner's" : `${by}'s`;
  const who = by === undefined ? "only the owner changes it" : `only ${by} and the owner of this server change it`;
  throw new Refusal("forbidden", `Run ${number} is ${whose}: ${who}`);
}
