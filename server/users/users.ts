/** Those who are let in, by the tokens they send and by the sessions that pages are given for these. */
import { createHash } from "node:crypto";
import type { NamedToken } from "./token-file.ts";
import { owner, type User } from "./user.ts";

export class Users {
  /** Whether a request needs a token. */
  readonly areAsked: boolean;
  readonly #byToken = new Map<string, User>();
  readonly #bySession = new Map<string, User>();

  /**
   * `tokens`: of those who are let in; undefined: everybody is, and is the owner. `ownToken`: known to programs of the user
   * whose server it is.
   */
  constructor(tokens: readonly NamedToken[] | undefined, ownToken: string) {
    this.areAsked = tokens !== undefined;
    for (const { name, token } of [...(tokens ?? []), { name: undefined, token: ownToken }]) {
      const user = name === undefined ? owner : { name };
      this.#byToken.set(digest(token), user);
      this.#bySession.set(digest(sessionOf(token)), user);
    }
  }

  // What is looked up is a hash: how long that takes tells nothing of the secret.

  withToken(token: string | undefined): User | undefined {
    return token === undefined ? undefined : this.#byToken.get(digest(token));
  }

  withSession(session: string | undefined): User | undefined {
    return session === undefined ? undefined : this.#bySession.get(digest(session));
  }
}

/** What a page is given for a token: it opens this server, and does not tell the token to whoever sees it. */
export const sessionOf = (token: string): string =>
  createHash("sha256").update(`a session of guidegraph ${token}`).digest("base64url");

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
