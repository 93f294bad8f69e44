/** How a node asks for the sides of its pictures, and what became of the one side that it once asked for. */
import type { Migration } from "./node.ts";
import * as port from "./port.ts";

const side = (help: string) => port.number({ default: 0, min: 0, max: 4096, integer: true, help });

export const sideParameters = {
  height: side("Pixels from top to bottom; 0: from the model."),
  width: side("Pixels from side to side; 0: as the height, from the model where that is."),
};

/** Version 1 had `size`, for both: a height without a width is a square still. */
export const squareBefore: { readonly 1: Migration } = { 1: { inputs: { size: "height" } } };
