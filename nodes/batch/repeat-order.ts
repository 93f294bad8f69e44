import * as port from "../port.ts";

/** Of samples and of labels. */
export const repeatOrder = port.text({
  default: "each",
  choices: ["each", "all"],
  help: "each: a, a, b, b, the draws of one side by side; all: a, b, a, b. As often as there are samples, one of each brings all pairs together.",
});
