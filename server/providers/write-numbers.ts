/** Writes stored-numbers.ts anew, where the networks of the trial are others: in the repository, node dist/server/providers/write-numbers.js */
import { readFileSync, writeFileSync } from "node:fs";
import { nativeProvider } from "./native.ts";
import { numbersOf } from "./trial.ts";

const path = "server/providers/stored-numbers.ts";
const numbers = await numbersOf(nativeProvider("cpu", { threads: 1 }));
const text = Object.entries(numbers).reduce(
  (text, [name, values]) =>
    text.replace(
      new RegExp(`(${name}: floats\\(\\s*)"[^"]*"`),
      (_, before: string) => `${before}"${Buffer.from(values.buffer).toString("base64")}"`,
    ),
  readFileSync(path, "utf8"),
);
writeFileSync(path, text);
