/** A name that may go on in the next line after an underscore, rather than end in dots. */
import { html, type TemplateResult } from "lit";

export const breakable = (name: string): TemplateResult[] =>
  name.split(/(?<=_)/).map((part, i) => (i === 0 ? html`${part}` : html`<wbr />${part}`));
