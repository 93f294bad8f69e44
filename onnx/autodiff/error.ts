/** A graph that cannot be differentiated; `op` and `node` say where. */
export class GradientError extends Error {
  override readonly name = "GradientError";
  readonly op: string;
  readonly node: string;

  constructor(op: string, node: string, reason: string) {
    super(`Cannot differentiate ${op} in node "${node}": ${reason}`);
    this.op = op;
    this.node = node;
  }
}
