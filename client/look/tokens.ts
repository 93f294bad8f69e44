/** What the styles call the colours of a theme. `styles/tokens.css` is made of it, so that the first paint has them already. */
import { hueOf, lookOf } from "./kinds.ts";
import { type Palette, palettes, type Theme } from "./theme.ts";

const colours = {
  "--text-1": "text1",
  "--text-2": "text2",
  "--text-3": "text3",
  "--accent": "accent",
  "--ok": "ok",
  "--warn": "warn",
  "--bad": "bad",
  "--accent-fill": "accentFill",
  "--bad-fill": "badFill",
  "--control": "control",
  "--canvas": "canvas",
  "--note": "note",
  "--bar": "bar",
  "--panel": "panel",
  "--raised": "raised",
  "--hover": "hover",
  "--field": "field",
  "--bad-soft": "badSoft",
  "--line": "line",
  "--selected": "selected",
} as const satisfies Readonly<Record<`--${string}`, keyof Palette>>;

export const tokensOf = (theme: Theme): Readonly<Record<`--${string}`, string>> => ({
  ...Object.fromEntries(Object.entries(colours).map(([name, of]) => [name, palettes[theme][of].toLowerCase()])),
  "--guide": hueOf(lookOf("cond_fn"), theme).toLowerCase(),
  "--shadow": `0 8px 28px ${palettes[theme].floatShadow}`,
});

/** Dark, unless the page says light. */
export function tokensCss(): string {
  const rule = (selector: string, theme: Theme) => {
    const lines = Object.entries(tokensOf(theme)).map(([name, value]) => `  ${name}: ${value};\n`);
    return `${selector} {\n${lines.join("")}  color-scheme: ${theme};\n}\n`;
  };
  const renew = "/* Made from client/look/theme.ts by `npx vitest run test/client/look/tokens.test.ts -u`. */";
  return `${renew}\n${rule(":root", "dark")}\n${rule(':root[data-theme="light"]', "light")}`;
}
