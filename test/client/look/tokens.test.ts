import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tokensCss, tokensOf } from "../../../client/look/tokens.ts";
import { packageRoot } from "../../../server/files/package-root.ts";

const styles = join(packageRoot, "client", "styles");

test("the styles have the colours of the themes", async () => {
  await expect(tokensCss()).toMatchFileSnapshot(join(styles, "tokens.css"));
});

test("every token is used by a style, and the styles use no other", () => {
  const files = readdirSync(styles).filter((name) => name.endsWith(".css") && name !== "tokens.css");
  const texts = files.map((name) => readFileSync(join(styles, name), "utf8"));
  const panels = readdirSync(join(packageRoot, "client", "panels"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(packageRoot, "client", "panels", name), "utf8"));
  const all = [...texts, ...panels].join("\n");
  const used = new Set([...all.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name));
  // Of the styles themselves, or what a panel puts on an element.
  const own = new Set([...all.matchAll(/(?:^\s*|style=\$\{`)(--[\w-]+):/gm)].map(([, name]) => name));
  expect([...used].filter((name) => !own.has(name)).sort()).toEqual(Object.keys(tokensOf("dark")).sort());
});
