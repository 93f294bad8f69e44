/** The nodes as the planner wants them: ours with all they can judge, others that the server has by their ports alone. */
import type { NodeDescription, PortDescription } from "../../nodes/describe.ts";
import { type AnyNode, nodes, type Ports, type Registry } from "../../nodes/index.ts";

export function registryOf(descriptions: readonly NodeDescription[]): Registry {
  const others = descriptions.filter(({ type }) => !Object.hasOwn(nodes, type));
  return { ...nodes, ...Object.fromEntries(others.map((one) => [one.type, foreign(one)])) };
}

/** The server alone has its `infer`: here nothing is known of what it gives, and nothing is refused. */
const foreign = ({ inputs, outputs, ...rest }: NodeDescription): AnyNode => ({
  ...(rest as Pick<AnyNode, "type" | "version" | "title" | "category" | "description">),
  ...(rest.effect && { effect: true }),
  inputs: portsOf(inputs),
  outputs: portsOf(outputs),
  run: () => Promise.reject(new Error("It runs on the server")),
});

const portsOf = (ports: readonly PortDescription[]): Ports =>
  Object.fromEntries(ports.map(({ name, ...port }) => [name, port]));
