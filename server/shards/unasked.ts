/** What a Redis says that lets nobody in, before it is asked anything, and then breaks off: its client does not hear it. */
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

const maxBytes = 1_000;

/** Empty where it says nothing. */
export function saidUnasked(url: string, withinMs: number): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  const to = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) };
  return new Promise((resolve) => {
    let said = "";
    const socket = protocol === "rediss:" ? connectTls({ ...to, servername: to.host }) : connect(to);
    socket.setTimeout(withinMs, () => socket.destroy());
    socket.on("data", (data) => {
      said += data.toString("latin1");
      if (said.length > maxBytes) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(said.slice(0, maxBytes)));
  });
}
