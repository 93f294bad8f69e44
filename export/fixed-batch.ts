/** A graph that any number of samples could be given cannot be drawn, but one for as many as are at hand. */
export class FixedBatch extends Error {
  constructor(why = "something in it is another for each of them") {
    super(why);
  }
}
