import { exampleGroups } from "../../graphs/recipes/groups.ts";
import type { DocumentSummary } from "../protocol.ts";

const groups = new Map(exampleGroups.flatMap(({ title, examples }) => examples.map((name) => [name, title])));
const places = [...groups.keys()];
const placeOf = ({ name }: DocumentSummary) => (groups.has(name) ? places.indexOf(name) : places.length);

/** What comes with the program, group by group; what is in none comes last. */
export const grouped = (builtIn: readonly DocumentSummary[]): DocumentSummary[] =>
  [...builtIn]
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((one) => {
      const group = groups.get(one.name);
      return group === undefined ? one : { ...one, group };
    });
