/** How many samples a run was to have in all, by the graph that its parts carry. */
import { type Graph, offOf, openDocument } from "../../graphs/document/index.ts";

const saves = "guidegraph/save-npz";

/** To how many every Save NPZ of it cuts its file; undefined where one keeps all that are made, they differ, or a wire tells. Throws a SyntaxError or DocumentError. */
export function samplesAsked(graph: string): number | undefined {
  const limits = new Set(limitsIn(openDocument(JSON.parse(graph)).document));
  const [limit] = limits;
  return limits.size === 1 && limit > 0 ? limit : undefined;
}

/** 0 where it is not known before the run. */
function limitsIn({ nodes, links }: Graph): number[] {
  return nodes.flatMap((node) => {
    if (offOf(node)) return [];
    if (node.inner) return limitsIn(node.inner);
    const { num_samples: limit, when } = node.properties;
    if (node.type !== saves || when === 0) return [];
    const isWired = links.some(({ to, input }) => to === node.id && input === "num_samples");
    return [typeof limit === "number" && !isWired ? limit : 0];
  });
}
