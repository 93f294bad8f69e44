/** Fingers on a page that is touched: what a person does with one, with two, and by waiting. */
import type { CDPSession, Page } from "playwright-core";
import { surveyed } from "./hands.ts";

export type Point = readonly [x: number, y: number];

export interface Fingers {
  /** Puts fingers down or moves them, so that each is where it is said to be. */
  hold(points: readonly Point[]): Promise<void>;
  lift(): Promise<void>;
  tap(at: Point): Promise<void>;
  /** One finger, or several at once, each along its own way. */
  slide(...ways: readonly (readonly [from: Point, to: Point])[]): Promise<void>;
}

export async function fingersOn(page: Page): Promise<Fingers> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  let down = 0;
  const send = (type: "touchStart" | "touchMove" | "touchEnd", points: readonly Point[]) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const hold = async (points: readonly Point[]) => {
    await send(points.length > down ? "touchStart" : "touchMove", points);
    down = points.length;
  };
  const lift = async () => {
    await send("touchEnd", []);
    down = 0;
    await surveyed(page);
  };
  return {
    hold,
    lift,
    async tap(at) {
      await hold([at]);
      await lift();
    },
    async slide(...ways) {
      for (let i = 1; i <= ways.length; i++) await hold(ways.slice(0, i).map(([from]) => from));
      for (let part = 1; part <= 8; part++)
        await hold(
          ways.map(([[ax, ay], [bx, by]]): Point => [ax + ((bx - ax) * part) / 8, ay + ((by - ay) * part) / 8]),
        );
      await surveyed(page);
      await lift();
    },
  };
}
