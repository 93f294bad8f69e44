/** From an empty page to the documents one had open, or that a link brought, and the run that goes on. */
import { openDocument, openGraph } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { tellFailures } from "../actions/failures.ts";
import { keepTabs, restoreTabs } from "../actions/keeping.ts";
import { bindKeys } from "../actions/keys.ts";
import { tellCopies } from "../actions/library.ts";
import { followDevices, keepFresh, load } from "../actions/loading.ts";
import { followWidth } from "../actions/narrow.ts";
import { followRuns, joinRunning } from "../actions/running.ts";
import { graphInLink } from "../actions/sharing.ts";
import { Surveys } from "../actions/surveys.ts";
import { Surveyor } from "../facts/surveyor.ts";
import { problemsOf } from "../state/problems.ts";
import { put } from "../state/state.ts";
import { dismissed } from "../state/ui.ts";
import { takeDrops } from "./dropping.ts";
import { leadBack } from "./leading-back.ts";
import { tick } from "./ticking.ts";

const opensWith = "guided-ddim";

/** Text is measured for cards before it is drawn. */
const fonts = ['600 13px "Inter Variable"', '400 12px "Inter Variable"', '500 12px "JetBrains Mono Variable"'];

export async function begin(editor: Editor): Promise<void> {
  const asked = editor.ask();
  let hasBegun = () => {};
  editor.begun = new Promise((resolve) => {
    hasBegun = resolve;
  });
  closeOnPressOutside(editor);
  takeDrops(editor);
  followWidth(editor);
  let unread: Error | undefined;
  try {
    await Promise.all([load(editor), ...fonts.map((font) => document.fonts.load(font))]);
    openSurveys(editor);
    tellCopies(editor);
    restoreTabs(editor, asked);
    unread = openLink(editor, asked);
  } finally {
    // What waits for it is not to wait for ever.
    hasBegun();
  }
  if (editor.state.tabs.length === 0 && editor.isLatest(asked)) await openGraph(editor, opensWith, asked);
  // Opening a document takes away what was said before.
  if (unread)
    editor.say({ text: "The graph in this link cannot be read", more: unread.message.split("\n")[0], bad: true });
  editor.apply(put({ ready: true }));
  const isUntouched = untouched();
  bindKeys(editor);
  leadBack(editor);
  followRuns(editor);
  tick(editor);
  keepFresh(editor);
  followDevices(editor);
  closeSolved(editor);
  await joinRunning(editor, () => editor.isLatest(asked) && isUntouched());
  keepTabs(editor);
  tellFailures(editor);
}

/** Whether nobody has pressed, typed or dropped anything since. */
function untouched(): () => boolean {
  let isTouched = false;
  for (const hand of ["pointerdown", "keydown", "drop"])
    addEventListener(hand, () => (isTouched = true), { capture: true, once: true });
  return () => !isTouched;
}

const unlooked = {
  hung: (name: string) => ({
    text: `“${name}” takes too long to look at`,
    more: "Its wires are not checked until something is changed.",
  }),
  broke: (name: string) => ({
    text: `The wires of “${name}” are not checked here`,
    more: "What looks at graphs beside the page broke; the server checks it when it is run.",
  }),
};

/** A server that was away may have other files when it comes back. */
function openSurveys(editor: Editor): void {
  const surveyor = new Surveyor(editor.catalogue.nodes, editor.api.server);
  const surveys = new Surveys(editor, surveyor, ({ name }, why) => editor.say({ ...unlooked[why](name), bad: true }));
  let isAway = false;
  editor.surveys = surveys;
  editor.listen(() => {
    if (editor.runs.connected === !isAway) return;
    isAway = !editor.runs.connected;
    if (!isAway) void surveys.refresh();
  });
}

/** The graph of the address, which is then the page's own again; gives the reason why it cannot be read. */
function openLink(editor: Editor, asked: number): Error | undefined {
  try {
    const shared = graphInLink(location.hash);
    if (!shared) return undefined;
    const { document, notes } = shared;
    openDocument(editor, document, { name: document.about.title ?? "shared", notes, asked });
    history.replaceState(null, "", location.pathname + location.search);
  } catch (error) {
    return error as Error;
  }
}

/** The list of problems goes with the last of them. */
function closeSolved(editor: Editor): void {
  editor.listen(() => {
    const { tab, state } = editor;
    const { overlay } = state;
    if (overlay?.is !== "problems" || overlay.leaving || (tab && problemsOf(tab).length > 0)) return;
    editor.apply(dismissed(overlay));
  });
}

function closeOnPressOutside(editor: Editor): void {
  const press = ({ target }: Event) => {
    if ((target as Element).closest?.(".popup, .dialog, .badge")) return;
    // A field that goes away is not left: what was typed into it would be lost.
    const typed = document.activeElement;
    if (typed instanceof HTMLElement && typed.closest(".popup")) typed.blur();
    editor.apply(dismissed());
  };
  addEventListener("pointerdown", press, true);
}
