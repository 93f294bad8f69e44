/** For `ref`: gives an element the focus when it first appears, with all of its text selected. */
const seen = new WeakSet<Element>();

export function focusOnce(element: Element | undefined): void {
  if (!element || seen.has(element)) return;
  seen.add(element);
  queueMicrotask(() => {
    (element as HTMLElement).focus();
    if (element instanceof HTMLInputElement) element.select();
  });
}
