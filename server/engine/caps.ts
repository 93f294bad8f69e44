/** What there is for a run: memory for its values, and room where it saves. */
import type { Caps } from "../../executor/index.ts";
import { roomAt } from "./room.ts";

/** `bytes`: what it may hold. `folder`: where it saves, if that is known; it need not be there yet. */
export function capsOf(bytes: number, folder: string | undefined): Caps {
  return { bytes, fileBytes: folder === undefined ? Number.POSITIVE_INFINITY : roomAt(folder) };
}
