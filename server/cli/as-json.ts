/** What a command lists, for programs: every command that lists things takes --json, and prints an object a line. */
import type { Plan } from "../../executor/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import type { SaidProblem } from "./errors.ts";
import { titleOf } from "./titles.ts";

export const jsonFlag = (what: string) =>
  ({ type: "switch", help: `print ${what}, one JSON object a line` }) as const satisfies {
    type: "switch";
    help: string;
  };

/** As `Problem` of the protocol has it. */
interface SaidOf {
  readonly type: "problem" | "note";
  readonly message: string;
  readonly node?: string;
  readonly port?: string;
  /** Of the node. */
  readonly title?: string | undefined;
}

/** A problem as the protocol has it, with its node's title. */
export const problemLine = (problem: SaidProblem): SaidOf => saidOf("problem", problem);

export const noteLines = (document: GraphDocument, { notes = [] }: Plan, registry: Registry): readonly SaidOf[] =>
  notes.map(({ path, port, message }) =>
    saidOf("note", {
      message,
      ...(path !== undefined && { path, title: titleOf(document, path, registry) }),
      ...(port !== undefined && { port }),
    }),
  );

const saidOf = (type: SaidOf["type"], { message, path, port, title }: SaidProblem): SaidOf => ({
  type,
  message,
  ...(path !== undefined && { node: path }),
  ...(title !== undefined && { title }),
  ...(port !== undefined && { port }),
});
