/** What is wrong with the body of a request, in words: what is missing, what nobody knows, and what is not as it should be. */
import type { core } from "zod";
import { listed } from "../../graphs/document/index.ts";
import type { Problem } from "../protocol.ts";

/** `names`: what the body may have. */
export const wrongRequest = (issues: readonly core.$ZodIssue[], body: unknown, names: readonly string[]): Problem[] =>
  issues.flatMap((issue): Problem[] => {
    const at = issue.path.join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        message: `${at || "The request"} has no "${key.slice(0, 80)}"${at === "" ? listed(key, names) : ""}`,
      }));
    if (at !== "" && valueAt(body, issue.path) === undefined) return [{ message: `${at} is missing` }];
    return [{ message: `${at || "The request"}: ${issue.message}` }];
  });

const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    body,
  );
