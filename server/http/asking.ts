/** Who asks: written down where the request is let in, read by the routes that must know. */
import type { Response } from "express";
import type { User } from "../users/user.ts";

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
