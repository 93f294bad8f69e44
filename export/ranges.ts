/** A parameter that a wire supplies is held to the same range as one that is set. */
import { checkWired } from "../executor/index.ts";
import type { Ports } from "../nodes/index.ts";
import { hole } from "./frame.ts";
import type { Wired } from "./traced.ts";

export function checkRanges(ports: Ports, inputs: Wired): void {
  for (const [name, traced] of inputs) {
    const port = ports[name];
    if (traced.is !== "known" || !port.parameter) continue;
    for (const value of new Set(traced.known.values)) if (value !== hole) checkWired(name, port, value);
  }
}
