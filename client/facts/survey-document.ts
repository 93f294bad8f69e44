/** A document planned in the browser, by the planner of the server: facts of every wire, and all that is wrong. */
import { survey } from "../../executor/survey.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { GraphError, Registry } from "../../nodes/index.ts";
import { type FileFacts, withFacts } from "../../runtime/known.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Surveyed } from "./messages.ts";

export const surveyDocument = (document: GraphDocument, registry: Registry, files: FileFacts): Promise<Surveyed> =>
  withFacts(files, (known) => {
    const { problems, notes, outputs } = survey(document, registry, known);
    return {
      facts: new Map(outputs().map(({ path, output, facts }) => [`${path} ${output}`, facts])),
      problems: problems.map(problemOf),
      notes: notes.map(problemOf),
    };
  });

const problemOf = ({ message, path, port }: GraphError): Problem => ({
  message,
  ...(path !== undefined && { node: path }),
  ...(port !== undefined && { port }),
});
