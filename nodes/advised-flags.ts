/** What is said of a file may advise flags. Names of files, inputs and outputs stand in quotes, and may look like one. */

export interface Said {
  readonly text: string;
  /** Where it is one that is advised: its name. */
  readonly flag?: string;
}

/** The text in parts, flags and what is between them. */
export const flagsIn = (message: string): Said[] =>
  message
    .split(/("[^"]*"|--[a-z][a-z0-9_]*)/)
    .filter((text) => text !== "")
    .map((text) => ({ text, ...(text.startsWith("--") && { flag: text.slice(2) }) }));
