import { expect, test } from "vitest";
import { libraryPage } from "../../graphs/recipes/library-page.ts";

test("docs/library.md is what the recipes say (npm run library)", async () => {
  await expect(libraryPage()).toMatchFileSnapshot("../../docs/library.md");
});
