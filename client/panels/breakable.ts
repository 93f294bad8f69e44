/** Where a line of the page may end, and where not. */
import { html, type TemplateResult } from "lit";

/** A name that may go on in the next line after an underscore, rather than end in dots. */
export const breakable = (name: string): TemplateResult[] =>
  name.split(/(?<=_)/).map((part, i) => (i === 0 ? html`${part}` : html`<wbr />${part}`));

/** A sentence whose flags (`--num_heads`) stay whole: browsers end a line after a hyphen. What is copied is the text. */
export const unbroken = (text: string): (string | TemplateResult)[] =>
  text.split(/(--\w[\w-]*)/).map((part, i) => (i % 2 === 0 ? part : html`<bdi class="whole">${part}</bdi>`));
