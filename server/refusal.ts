/** What is asked for and not done. Whoever refuses says why; what that is in HTTP, http/replies.ts alone says. */
import type { Problem } from "./protocol.ts";

export type Reason =
  | "malformed" // it cannot be read, or lacks what it must say
  | "unidentified" // it says not who asks, or says it wrongly
  | "forbidden" // who asks so may not
  | "absent" // there is no such thing
  | "taken" // something else is in its place already
  | "changed" // what it was to change is another by now
  | "too slow" // it comes at a pace that holds a connection for nothing
  | "too large"
  | "beyond its end" // a part of a file that is not so long
  | "wrong form" // of a kind of body that is not taken here
  | "unfit" // it can be read, and cannot be done
  | "too often"
  | "unavailable" // now; later it may be done
  | "disk full"
  | "mistake"; // nobody expected it: whoever runs the server finds more in its log

export class Refusal extends Error {
  override readonly name = "Refusal";
  /** For a person, at least one. */
  readonly problems: readonly Problem[];

  constructor(
    readonly reason: Reason,
    why: string | readonly Problem[],
  ) {
    const problems = typeof why === "string" ? [{ message: why }] : why;
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}
