/** The built editor's files, or a page that says how they are built. They hold no secret, so they need no token. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";
import { packageRoot } from "../files/package-root.ts";
import { stateTag } from "./state-tag.ts";

const built = join(packageRoot, "dist", "editor");

export function editor(folder = built): Router {
  const router = Router();
  // Names of assets hold a hash of their content; the page itself may change with every build.
  router.use("/assets", express.static(join(folder, "assets"), { immutable: true, maxAge: "1y", fallthrough: true }));
  router.use(
    express.static(folder, {
      cacheControl: false,
      lastModified: false,
      // Nobody catches what is thrown here: a build may take the file away now.
      setHeaders: (response, _path, stat) => response.set({ "Cache-Control": "no-cache", ETag: stateTag(stat) }),
    }),
  );
  router.get("/", unbuilt(folder));
  return router;
}

const unbuilt =
  (folder: string): RequestHandler =>
  (_request, response, next) => {
    if (existsSync(join(folder, "index.html"))) return next();
    response.type("html").send(`<!doctype html>
<meta charset="utf-8"><title>GuideGraph</title>
<h1>GuideGraph runs; its editor is not built</h1>
<p>Build it with <code>npm run build</code> and reload this page. The API is there: <a href="/api/nodes">/api/nodes</a>.</p>
`);
  };
