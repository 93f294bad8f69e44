/** What samplers and kinds of guidance come to. Tables of more pictures: `npm run methods`. */
import { type MeasureRow, tables } from "./method-rows.ts";

/** A class each, and as many real ones as half a minute restores. */
const amounts = { drawn: 10, real: 4 };

export async function methods(): Promise<void> {
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\nMethods, ${title}: ${title === "restoring" ? amounts.real : amounts.drawn} pictures a row`);
    for (const [name, measure] of Object.entries<MeasureRow>(rows)) {
      const cells = Object.entries(await measure(amounts)).map(([column, cell]) => `${column} ${cell}`);
      console.log(`  ${name.padEnd(40)} ${cells.join("  ")}`);
    }
  }
}
