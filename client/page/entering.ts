/**
 * Past the door of a server that asks for a token. A link may bring it (`?token=`): it becomes a cookie and leaves the address,
 * where it would be seen, bookmarked and sent on. A person without the link types it.
 */
import { html, render } from "lit";
import { type Api, ApiError } from "../runs/api.ts";

/** Resolves once the server lets this page in. */
export async function enter(api: Api): Promise<void> {
  let [token, why] = [tokenOfAddress(), ""];
  for (;;)
    try {
      if (token === undefined) await api.health();
      else await api.session(token);
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 429)) throw error;
      if (error.status === 429) why = "Too many wrong ones were sent: wait a minute.";
      else if (token !== undefined) why = "This is not the token of this server.";
      token = await askToken(why);
    }
}

function tokenOfAddress(): string | undefined {
  const address = new URL(location.href);
  const token = address.searchParams.get("token") ?? undefined;
  if (token === undefined) return undefined;
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return token;
}

function askToken(why: string): Promise<string> {
  const dialog = document.createElement("dialog");
  dialog.className = "door";
  document.body.append(dialog);
  return new Promise((resolve) => {
    const submit = (event: Event) => {
      event.preventDefault();
      const token = dialog.querySelector("input")?.value.trim() ?? "";
      if (token === "") return;
      dialog.remove();
      resolve(token);
    };
    render(
      html`<form @submit=${submit}>
        <h1>This server asks for its token</h1>
        <p>Whoever started it chose it. A link that brings it along opens without asking.</p>
        <input class="field" type="password" name="token" aria-label="Token" autocomplete="current-password" autofocus />
        ${why === "" ? "" : html`<p class="problem" role="alert">${why}</p>`}
        <button class="run">Enter</button>
      </form>`,
      dialog,
    );
    // No press of Escape leads past it: the first can be prevented, one after it no browser lets be.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal());
    dialog.showModal();
  });
}
