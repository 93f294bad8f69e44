/** What a server says of what happens in it: a line for whoever runs it, and beside it what programs that read logs go by. */

export const formats = ["text", "json"] as const;
export const levels = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof levels)[number];

export interface About {
  /** "info" where it is not said. */
  readonly level?: Level;
  /** Lines of one kind never push out those of another. */
  readonly event?: "refused" | "run" | "worker" | "shard";
  /** Of a run. */
  readonly run?: string;
  readonly [field: string]: string | number | undefined;
}

export type Say = (line: string, about?: About) => void;
