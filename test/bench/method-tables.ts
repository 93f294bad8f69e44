/**
 * `npm run methods -- [--pictures N] [--real N] [--rows a,b]`: what the samplers and kinds of guidance of the library come to on
 * the demo's networks; writes docs/methods.md. It may be interrupted, and `--rows` measures some rows alone: what is measured
 * is kept in --out, and the page is written when nothing is missing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../../server/files/package-root.ts";
import { type Amounts, type MeasureRow, type Row, tables } from "./method-rows.ts";

const { values: given } = parseArgs({
  options: {
    pictures: { type: "string", default: "30" },
    real: { type: "string", default: "8" },
    rows: { type: "string" },
    out: { type: "string", default: "out/methods" },
  },
});
const amounts: Amounts = { drawn: Number(given.pictures), real: Number(given.real) };
if (!(amounts.drawn > 0) || !(amounts.real > 0)) {
  console.error("--pictures and --real take a number of pictures");
  process.exit(2);
}
const folder = join(given.out, `${amounts.drawn}-${amounts.real}`);
const names = Object.values(tables).flatMap((table) => Object.keys(table));
const wanted = given.rows?.split(",") ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}: there are ${names.join(", ")}`);
  process.exit(2);
}

mkdirSync(folder, { recursive: true });
for (const table of Object.values(tables))
  for (const [name, measure] of Object.entries<MeasureRow>(table)) {
    if (!wanted.includes(name) || existsSync(file(name))) continue;
    const row = await measure(amounts);
    writeFileSync(file(name), JSON.stringify(row));
    console.log(
      `${name}: ${Object.entries(row)
        .map(([column, cell]) => `${column} ${cell}`)
        .join(", ")}`,
    );
  }
const missing = names.filter((name) => !existsSync(file(name)));
if (missing.length > 0) console.log(`Still to be measured: ${missing.join(", ")}`);
else writeFileSync(join(packageRoot, "docs", "methods.md"), page());

function file(name: string): string {
  return join(folder, `${name.replaceAll(/[^\w+]+/g, "-")}.json`);
}

function shown(table: keyof typeof tables, first: string): string {
  const rows = Object.keys(tables[table]).map(
    (name) => [name, JSON.parse(readFileSync(file(name), "utf8")) as Row] as const,
  );
  const columns = Object.keys(rows[0][1]);
  const cells = [[first, ...columns], ...rows.map(([name, row]) => [name, ...columns.map((column) => row[column])])];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const [head, ...body] = cells.map((row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}

function page(): string {
  const { drawn, real } = amounts;
  return `# What methods come to

Samplers, guidance and restoring of the library on the demo's networks, as the examples have them. Shapes are what the demo's reader
takes the pictures for; in brackets is where a share, or a PSNR, lies in 95 of 100 cases: by Wilson's interval, and by drawing the
pictures again with replacement. CPU seconds a picture are of all threads, loading included: they compare within this page.

## Samplers at equal calls

${drawn} pictures from the same noise, the network told the class, steps evenly spaced in λ (lambda11, and lambda6 where each asks
twice). Off the exact path: the root of the mean square, in levels of a byte, to UniPC's pictures of 50 steps; samplers that draw
fresh noise lead elsewhere, and churning, as EDM does it, wants more steps than these.

${shown("samplers", "sampler")}

## Guidance by networks of their own

${drawn} pictures; the UNet is told no class. The first three are guided by a classifier that knows noise, the others by the reader of clean
pictures that judges them as well, through x̂₀; with strength 0 nothing guides.

${shown("guidance", "method")}

## Restoring

${real} real pictures of which something is known. PSNR is of the whole picture, and of its left half, which is all that inpainting knows.

${shown("restoring", "what is known, and the method")}

Written by \`npm run methods -- --pictures ${drawn} --real ${real}\`, which may be interrupted and goes on.
`;
}
