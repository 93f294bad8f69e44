/** Class lists as people type them. */
import type { NetworkFacts } from "../handles.ts";
import { GraphError } from "../node.ts";

/**
 * Numbers of "3, 3, 7", or of names that a network's card gives its classes ("star, heart"); undefined when empty. The
 * first network that has names lends them. Throws a GraphError for anything else.
 */
export function readClasses(text: string, ...networks: readonly (NetworkFacts | undefined)[]): number[] | undefined {
  if (text.trim() === "") return undefined;
  const names = networks.find((network) => network?.classNames)?.classNames;
  return text.split(",").map((item) => {
    const word = item.trim();
    if (/^\d+$/.test(word) && Number.isSafeInteger(Number(word))) return Number(word);
    const named = names?.findIndex((name) => name.toLowerCase() === word.toLowerCase()) ?? -1;
    if (named >= 0) return named;
    throw new GraphError(
      `Cannot read class "${word.slice(0, 40)}": give numbers from 0, separated by commas${names ? `, or names: ${names.slice(0, 12).join(", ")}` : ""}`,
      "classes",
    );
  });
}
