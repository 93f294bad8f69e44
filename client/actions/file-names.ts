/** What files are called on the server. */
import { isNamedAs } from "../../nodes/file-kinds.ts";

/** Lists show what ends as models do; what else holds one is called so as well. */
export const modelFileName = (name: string): string => (isNamedAs("model", name) ? name : `${name}.pt`);
