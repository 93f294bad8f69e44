/** What a run says of a node, in the words and numbers that a card or a litegraph host draws. */

export interface Progress {
  readonly done: number;
  readonly of: number;
}

export type NodeState = "idle" | "waiting" | "running" | "cached" | "skipped" | "done" | "failed";

export interface Status {
  readonly state: NodeState;
  /** "17 / 50", "1.84 s". */
  readonly word?: string;
  readonly progress?: Progress;
  readonly message?: string;
  readonly port?: string;
}
