/** Schemas are followed, never compiled: a page's policy may forbid to make code of text, and zod would try. Import it first. */
import { config } from "zod";

config({ jitless: true });
