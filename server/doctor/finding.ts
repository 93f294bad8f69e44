/** What a look at an installation and its data folder finds: a line each, with what to do. */

export interface Finding {
  /** "note": what is so for good reason. "warning": it works, and should not stay so. "fault": it is broken. */
  readonly state: "ok" | "note" | "warning" | "fault";
  /** What was looked at. */
  readonly check: string;
  readonly message: string;
  /** For a person. */
  readonly todo?: string;
}

export const [ok, note] = (["ok", "note"] as const).map(
  (state) =>
    (check: string, message: string): Finding => ({ state, check, message }),
);
export const [warning, fault] = (["warning", "fault"] as const).map(
  (state) =>
    (check: string, message: string, todo: string): Finding => ({ state, check, message, todo }),
);
