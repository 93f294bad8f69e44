/** Who asks, and whether they wait still: written down where the request is let in, read by the routes that must know. */
import type { Response } from "express";
import type { RunSummary } from "../protocol.ts";
import type { RunHistory } from "../runs/history.ts";
import { expectOwn, type User } from "../users/user.ts";
import { notFound } from "./replies.ts";

const users = new WeakMap<Response, User>();

export function asking(response: Response, user: User | undefined): void {
  if (user) users.set(response, user);
}

/** Throws where nobody was let in: no route of the API is reached so. */
export function userOf(response: Response): User {
  const user = users.get(response);
  if (!user) throw new Error("A request reached the API and nobody knows whose it is");
  return user;
}

/** Aborted when whoever asks has gone, or was answered. */
export function leaving(response: Response): AbortSignal {
  const left = new AbortController();
  // Who went before it was asked for closes nothing any more.
  if (response.closed || response.destroyed) left.abort();
  else response.once("close", () => left.abort());
  return left.signal;
}

/** Throws a Refusal where there is no such run, and where whoever asks may not change it. */
export async function ownRun(history: RunHistory, id: string, user: User): Promise<RunSummary> {
  const summary = await history.summary(id);
  if (!summary) throw notFound();
  expectOwn(user, summary);
  return summary;
}
