import { expect, test } from "vitest";
import { droppedFiles } from "../../../client/page/dropped-files.ts";

/** As a browser tells of them: a file by its name, a folder by what is in it, given out by the two. */
type Tree = string | { readonly name: string; readonly inside: readonly Tree[] };

function entryOf(tree: Tree): object {
  if (typeof tree === "string")
    return {
      isFile: true,
      isDirectory: false,
      name: tree,
      file: (give: (file: File) => void) => give(new File([], tree)),
    };
  const createReader = () => {
    const left = [...tree.inside];
    return { readEntries: (give: (some: object[]) => void) => give(left.splice(0, 2).map(entryOf)) };
  };
  return { isFile: false, isDirectory: true, name: tree.name, createReader };
}

const dropOf = (...trees: Tree[]) =>
  ({
    items: trees.map((tree) => ({ webkitGetAsEntry: () => entryOf(tree) })),
    files: trees.map((tree) => new File([], typeof tree === "string" ? tree : tree.name)),
  }) as unknown as DataTransfer;

test("a folder gives the files right in it, and its name; files alone are themselves", async () => {
  const inside = ["1.png", ".DS_Store", "2.png", { name: "deeper", inside: ["no.png"] }, "3.png", "Thumbs.db"];
  const { files, folder } = await droppedFiles(dropOf({ name: "scans", inside }, "x.json"));
  expect(folder).toBe("scans");
  expect(files.map(({ name }) => name)).toEqual(["x.json", "1.png", "2.png", "3.png"]);
  const alone = await droppedFiles(dropOf("x.json"));
  expect([alone.folder, alone.files.map(({ name }) => name)]).toEqual([undefined, ["x.json"]]);
  expect(await droppedFiles(null)).toEqual({ files: [] });
});
