/** What is wrong with a graph, or may not be meant, as another process tells it. */
import * as z from "zod";

const text = z.string().max(2_000);

export const problem = z.object({ message: text, node: text.exactOptional(), port: text.exactOptional() });
