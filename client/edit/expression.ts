/**
 * Numbers as people type them: 1/3, 2^10, -(3 + 4) * 0.5. A small parser of its own, because a text from a graph or a
 * keyboard is never evaluated as code.
 */
export function readNumber(text: string): number | undefined {
  let at = 0;
  const skip = () => {
    while (text[at] === " ") at++;
  };
  const take = (char: string): boolean => {
    skip();
    if (text[at] !== char) return false;
    at++;
    return true;
  };
  function sum(): number {
    let value = product();
    for (;;)
      if (take("+")) value += product();
      else if (take("-") || take("−")) value -= product();
      else return value;
  }
  function product(): number {
    let value = power();
    for (;;)
      if (take("*") || take("×")) value *= power();
      else if (take("/") || take("÷")) value /= power();
      else return value;
  }
  function power(): number {
    const base = unary();
    return take("^") ? base ** power() : base;
  }
  function unary(): number {
    if (take("-") || take("−")) return -unary();
    if (take("+")) return unary();
    if (take("(")) {
      const value = sum();
      return take(")") ? value : Number.NaN;
    }
    skip();
    const [digits] = /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i.exec(text.slice(at)) ?? [];
    at += digits?.length ?? 0;
    return digits === undefined ? Number.NaN : Number(digits);
  }
  const value = sum();
  skip();
  return at === text.length && Number.isFinite(value) ? value : undefined;
}
