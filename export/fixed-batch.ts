/** Thrown where the graph is of the number of samples: a constant differs from one to the other, or a group is all of them. */
export class FixedBatch extends Error {}
