import { expect, test } from "vitest";
import { findDocuments } from "../../../client/edit/find-documents.ts";

const one = (name: string, more: object) => ({ name, etag: "", hash: "", builtIn: true, ...more });
const documents = [
  one("plms", { title: "PLMS", description: "Errs less where there are few steps.", group: "Solvers" }),
  one("ilvr", { title: "ILVR", description: "Keeps what is coarse.", group: "Editing" }),
  one("mine", { builtIn: false }),
];

test.each([
  ["", ["plms", "ilvr", "mine"]],
  ["  ", ["plms", "ilvr", "mine"]],
  ["COARSE", ["ilvr"]],
  ["few plm", ["plms"]],
  ["solvers", ["plms"]],
  ["mi", ["mine"]],
  ["few coarse", []],
])("of what is typed every word is looked for, anywhere: “%s”", (query, names) => {
  expect(findDocuments(documents, query).map(({ name }) => name)).toEqual(names);
});
