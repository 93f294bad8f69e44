/** Fifty readers at once, come at any time: does each see every event, and how soon after it happened. */
import { isEnd, quick, type TestServer } from "../support/server.ts";
import { percentile } from "./statistics.ts";

const count = 50;
const set = { ...quick.set, "Diffusion Schedule.timestep_respacing": "ddim250" };

export async function fiftyReaders(server: TestServer): Promise<string> {
  const run = await server.submit({ graph: quick.graph, set });
  const delays: number[] = [];
  const readers = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 20));
      const reader = await server.connect();
      let live = false;
      reader.socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary) return;
        const message = JSON.parse(data.toString());
        if (message.type === "live") live = true;
        else if (live && message.at) delays.push(Math.max(0, Date.now() - Date.parse(message.at)));
      });
      reader.send({ type: "subscribe", run });
      return reader;
    }),
  );
  await Promise.all(readers.map((reader) => reader.until(isEnd)));
  const { seq } = await server.detail(run);
  const lost = readers.reduce(
    (sum, { events }) => sum + events.filter((event, i) => event.seq !== i + 1).length + seq - events.length,
    0,
  );
  for (const reader of readers) reader.close();
  const late = `95 of 100 within ${percentile(delays, 0.95).toFixed(0)} ms of what they tell`;
  return `${count} readers   ${seq * count} events, ${lost} lost (0), ${late}`;
}
