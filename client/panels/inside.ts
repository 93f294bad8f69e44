/** For `ref`: moves what floats back into the window, whatever height and width it came to have. */
const margin = 8;

export function keptInside(element: Element | undefined): void {
  if (!(element instanceof HTMLElement)) return;
  // Its place is written in the same breath as it is measured: wait for the whole of it.
  queueMicrotask(() => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const dx = Math.max(margin - left, Math.min(0, innerWidth - margin - right));
    const dy = Math.max(margin - top, Math.min(0, innerHeight - margin - bottom));
    if (dx !== 0) element.style.left = `${element.offsetLeft + dx}px`;
    if (dy !== 0) element.style.top = `${element.offsetTop + dy}px`;
  });
}
