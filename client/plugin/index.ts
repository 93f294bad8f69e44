/** GuideGraph for any litegraph host: `import { register, open, connect } from "guidegraph/litegraph"`. */
import "../no-eval.ts";

export { ApiError } from "../runs/api.ts";
export { Connection, connect, type RunOptions, Unreachable } from "./connect.ts";
export type { GraphOfPage, LiteGraphOfPage } from "./host.ts";
export { open, type Source } from "./open.ts";
export { register } from "./register.ts";
