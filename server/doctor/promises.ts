/**
 * What a history promises of its runs, looked for in its rows: a row here is what would break a promise. Nothing of the
 * code that wrote them is trusted.
 */
import type { InStatement, Row } from "@libsql/client/sqlite3";
import { endStates, runState } from "../protocol.ts";

/** What a server promises of its runs, as far as a folder tells whether it was kept; docs/operations.md has all. */
export const promises = {
  P1: "an accepted run is never forgotten",
  P2: "every run ends in exactly one way",
  P3: "an output that is listed is there, and what it was",
  P5: "whoever reads the events from any number has the whole truth",
  P7: "a crash loses what was at work, never history",
} as const;

export interface Promised {
  readonly promise: keyof typeof promises;
  /** What is so where nothing is found. */
  readonly holds: string;
  /** The rows that break it. */
  readonly broken: string;
  readonly words: (row: Row) => string;
  readonly todo: string;
}

const list = (states: Iterable<string>): string => [...states].map((state) => `'${state}'`).join(", ");
const ends = list(endStates);
/** A text that is no JSON would end the whole question. */
const events = "(SELECT run, seq, iif(json_valid(event), event, '{}') AS event FROM events)";
const restore = "see which copy in the folder backups has it whole, and keep this history for a report";

export const promised: readonly Promised[] = [
  {
    promise: "P1",
    holds: "every accepted run has its graph and its settings",
    broken: "SELECT id FROM runs LEFT JOIN tasks USING (number) WHERE graph IS NULL OR NOT json_valid(options)",
    words: ({ id }) => `Run ${id} has lost what it was to do`,
    todo: restore,
  },
  {
    promise: "P1",
    holds: "every event and every output is of a run that is known",
    broken: `SELECT run FROM (SELECT DISTINCT run FROM events UNION SELECT DISTINCT run FROM outputs)
             WHERE run NOT IN (SELECT id FROM runs) AND run NOT IN (SELECT run FROM leaving)`,
    words: ({ run }) => `Run ${run} has events or outputs, and is forgotten`,
    todo: restore,
  },
  {
    promise: "P2",
    holds: "every run is in one known state",
    broken: `SELECT id, state FROM runs WHERE state NOT IN (${list(runState.options)})`,
    words: ({ id, state }) => `Run ${id} is in no known state: "${state}"`,
    todo: restore,
  },
  {
    promise: "P2",
    holds: "every run that has ended has one end, and no other has one",
    broken: `SELECT id, state, ends FROM runs LEFT JOIN (
               SELECT run, count(*) AS n, group_concat(event ->> 'state', ', ') AS ends FROM ${events}
               WHERE event ->> 'type' = 'run' AND event ->> 'state' IN (${ends}) GROUP BY run
             ) AS told ON told.run = id
             WHERE CASE WHEN state IN (${ends}) THEN ends IS NOT state OR ended IS NULL ELSE n > 0 END`,
    words: ({ id, state, ends }) => `Run ${id} is ${state}, and its ends are: ${ends ?? "none"}`,
    todo: restore,
  },
  {
    promise: "P3",
    holds: "what is listed of a run is what its events tell",
    broken: `SELECT run, name FROM (
               SELECT run, event ->> 'name' AS name, event ->> 'sha256' AS sha256 FROM ${events}
               WHERE event ->> 'type' = 'output' AND run IN (SELECT id FROM runs)
               EXCEPT SELECT run, name, sha256 FROM outputs)
             UNION SELECT run, name FROM (
               SELECT run, name, sha256 FROM outputs WHERE run IN (SELECT id FROM runs)
               EXCEPT SELECT run, event ->> 'name', event ->> 'sha256' FROM ${events} WHERE event ->> 'type' = 'output')`,
    words: ({ run, name }) => `Output ${name} of run ${run} is told of in one place and not in the other`,
    todo: restore,
  },
  {
    promise: "P5",
    holds: "the events of every run are numbered from 1 without a hole, to the number that its row says",
    broken: `SELECT id, seq, n, least, most FROM runs LEFT JOIN (
               SELECT run, count(*) AS n, min(seq) AS least, max(seq) AS most FROM events GROUP BY run
             ) ON run = id
             WHERE n IS NULL OR least <> 1 OR most <> n OR most <> seq`,
    words: ({ id, seq, n, least, most }) =>
      n === null
        ? `Run ${id} has no events`
        : `Run ${id} has ${n} events, numbered ${least} to ${most}; its row says ${seq}`,
    todo: restore,
  },
  {
    promise: "P5",
    holds: "every event can be read",
    broken: "SELECT run, seq FROM events WHERE NOT json_valid(event)",
    words: ({ run, seq }) => `Event ${seq} of run ${run} cannot be read`,
    todo: restore,
  },
];

/** Of each at most so many are told, and how many there are. */
export const mostTold = 20;

/** Gives the first of what breaks it, each row with how many there are (`all_of_them`). */
export const statementOf = ({ broken }: Promised): InStatement => ({
  sql: `SELECT *, count(*) OVER () AS all_of_them FROM (${broken}) LIMIT ${mostTold}`,
  args: [],
});
