import { catalogueOf } from "../../../client/edit/catalogue.ts";
import { describeNodes } from "../../../nodes/describe.ts";
import { nodes } from "../../../nodes/index.ts";

/** What the server would tell the editor. */
export const catalogue = catalogueOf(JSON.parse(JSON.stringify(describeNodes(nodes))));
