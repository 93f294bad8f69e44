/** A condition of what shows and saves: in which steps of a loop it does. */
import * as port from "./port.ts";

export const when = port.number({
  default: 1,
  aside: true,
  help: "In a loop: 0 leaves this step out, and nothing is computed for it; Step Interval picks steps.",
});
