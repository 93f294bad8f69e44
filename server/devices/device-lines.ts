/** What several devices take, said before they take it: each process has its own copy of every network. */
import { availableParallelism } from "node:os";
import type { DeviceChoice } from "../providers/device-list.ts";
import { sizeText } from "../units.ts";

type Line = readonly [line: string, level: "info" | "warn"];

/** `each`: bytes that a process may hold; `present`: bytes that there are. */
export function deviceLines(choices: readonly DeviceChoice[], each: number, present: number): Line[] {
  const all = each * choices.length;
  const lines: Line[] = [];
  if (choices.length > 1) {
    const [{ threads }] = choices;
    const names = choices.map(({ name }) => name).join(", ");
    lines.push([
      `Devices ${names}: a process each, with its own copy of the networks, ${sizeText(each)} of memory at most (${sizeText(all)} together) and ${threads} ${threads === 1 ? "thread" : "threads"}`,
      "info",
    ]);
    const kinds = [...new Set(choices.map(({ backend }) => backend))];
    if (kinds.length > 1)
      lines.push([
        `${kinds.join(" and ")} round differently: the bytes of a picture depend on which of them draws it, and a run fails where one draws again what the other has saved`,
        "warn",
      ]);
    const cores = availableParallelism();
    if (threads * choices.length > cores)
      lines.push([
        `That is more threads than the ${cores} cores of this machine: the devices wait for one another`,
        "warn",
      ]);
  }
  if (all > present)
    lines.push([
      `--sampler-memory ${sizeText(each)}${choices.length > 1 ? ` for each of ${choices.length} devices` : ""} is more than the ${sizeText(present)} that there are: the system ends a process first`,
      "warn",
    ]);
  return lines;
}
