/** A table of a document that a program writes. */

type Line = readonly string[];

/** Its columns as wide as their widest cells, as the formatter of documents wants it. */
export function markdownTable(head: Line, rows: readonly Line[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
  const written = (row: Line, fill = " ") => `| ${row.map((cell, i) => cell.padEnd(widths[i], fill)).join(" | ")} |`;
  return [
    written(head),
    written(
      head.map(() => ""),
      "-",
    ),
    ...rows.map((row) => written(row)),
  ].join("\n");
}
