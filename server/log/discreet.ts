/**
 * A log goes further than what it tells of: to collectors, into reports of faults. Secrets do not go with it, in whichever
 * line they come up, and folders have a name there instead of their place.
 */
import { withoutFolders } from "../files/without-folders.ts";
import type { About, Say } from "./say.ts";

export interface Names {
  /** In all forms in which a request may carry them. */
  readonly secrets: readonly string[];
  /** What stands for each folder. */
  readonly folders: Readonly<Record<string, string>>;
}

/** Shorter than this it is a word that may stand anywhere; a server that is reached from outside takes no such token. */
const leastLength = 4;

export function discreet(say: Say, { secrets, folders }: Names): Say {
  const forms = secrets.filter((secret) => secret.length >= leastLength).flatMap(formsOf);
  // The longest first: one may lie in another.
  forms.sort((a, b) => b.length - a.length);
  const placeless = withoutFolders(folders);
  const told = (text: string) => placeless(forms.reduce((so, form) => so.replaceAll(form, "[secret]"), text));
  return (line, about) =>
    say(
      told(line),
      about &&
        (Object.fromEntries(
          Object.entries(about).map(([field, value]) => [field, typeof value === "string" ? told(value) : value]),
        ) as About),
    );
}

const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64url"),
];
