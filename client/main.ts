import "./no-eval.ts";
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/panels.css";
import "./styles/floating.css";
import "./styles/compare.css";
import "./styles/bringing.css";
import "./styles/start.css";
import "./styles/touch.css";
import "./styles/narrow.css";
import "./styles/forced.css";
import { Editor } from "./actions/editor.ts";
import { followSystem, keptTheme, showTheme, themeOf } from "./actions/theme.ts";
import { begin } from "./page/beginning.ts";
import { draw } from "./page/drawing.ts";
import { enter } from "./page/entering.ts";
import { Api } from "./runs/api.ts";
import { Runs } from "./runs/runs.ts";
import { initialState } from "./state/state.ts";

const api = new Api({ url: new URL(".", location.href).href });
// What else may be wrong with the server the editor tells.
await enter(api).catch(() => {});
const editor = new Editor({
  api,
  state: { ...initialState(themeOf(keptTheme()), innerWidth), themeChoice: keptTheme() },
  openRuns: (changed) => new Runs(api, changed),
});
// For tests and the curious: the state, to look at.
Object.assign(window, { guidegraph: editor });

showTheme(editor);
followSystem(editor);
draw(editor, document.getElementById("app") as HTMLElement);
void begin(editor).catch((error: Error) =>
  editor.say({ text: "The server cannot be reached", more: error.message, bad: true }, 1e9),
);
