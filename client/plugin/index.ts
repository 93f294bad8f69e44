/** GuideGraph for any litegraph host: `import { register, open, connect } from "guidegraph/litegraph"`. */
export type { LiteGraphHost } from "./host.ts";
export { open, type Source } from "./open.ts";
export { register } from "./register.ts";
