/** While something that floats has a field to type in, keys are its own, wherever a click beside the field was meant to go. */
const floats = ".popup, .dialog";
const fields = "input:not([type=checkbox], [type=radio], [type=file]), textarea";
const takesFocus = `${fields}, input, select, button, a[href], label, summary, [tabindex]`;

/** The field of what floats, the one that has the focus before others. */
const openField = (): HTMLElement | undefined => {
  const all = [...document.querySelectorAll<HTMLElement>(`:is(${floats}) :is(${fields})`)];
  return all.find((field) => field === document.activeElement) ?? all[0];
};

/** A press between what takes the focus leaves it where one types. */
export function keepFocusInFields(): void {
  addEventListener("mousedown", (event) => {
    const at = event.target instanceof Element ? event.target : undefined;
    const box = at?.closest(floats);
    const isBeside = at && box && !(at.closest(takesFocus) && box.contains(at.closest(takesFocus)));
    if (isBeside && document.activeElement?.matches(fields) && box.contains(document.activeElement))
      event.preventDefault();
  });
}

/** Gives a key that was pressed beside the field to it; false where nothing that floats is typed in. */
export function handToField(event: KeyboardEvent): boolean {
  const field = openField();
  if (!field) return false;
  const isInside = event.target instanceof Element && event.target.closest(floats) !== null;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const isText = event.key.length === 1 && isPlain;
  // A button in there is pressed by its own keys, and left by Tab; what is marked is copied.
  if (!isPlain || (isInside && (!isText || event.key === " "))) return true;
  // What is typed comes after this, to where the focus then is.
  field.focus();
  if (isText) return true;
  event.preventDefault();
  const { key, code, shiftKey } = event;
  field.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
  return true;
}
