/** What a machine that helps says of itself: who it is, what each device is at, what it refuses. */
import { hostname } from "node:os";
import type { Device } from "../devices/device.ts";
import type { HelperSign, Shard } from "../shards/shard.ts";

/** What a device is at. */
export interface AtWork {
  readonly shard: Shard;
  readonly cancel: AbortController;
  /** It is drawn here; until then the device waits to hear whether another machine is at it. */
  isOurs: boolean;
  done: number;
  /** It is drawn, and brought. */
  isOnItsWay: boolean;
}

export interface OwnState extends Pick<HelperSign, "id" | "version" | "protocol" | "done" | "failed" | "refuses"> {
  readonly devices: readonly Device[];
  readonly atWork: ReadonlyMap<Device, AtWork>;
  /** Pictures in an hour, once one was drawn. */
  readonly hourly: number | undefined;
  /** Why it takes no shards; undefined when it takes them. */
  readonly idle: string | undefined;
}

/** What is drawn here. */
export const drawnOf = ({ atWork }: Pick<OwnState, "atWork">): readonly AtWork[] =>
  [...atWork.values()].filter(({ isOurs }) => isOurs);

export const ownSign = ({ devices, atWork, hourly, idle, ...rest }: OwnState): HelperSign => ({
  ...rest,
  name: hostname().slice(0, 200),
  devices: devices.map((device) => deviceSign(device, atWork.get(device))),
  ...(hourly !== undefined && { hourly }),
  ...(idle !== undefined && { idle: idle.slice(0, 1_000) }),
});

const deviceSign = ({ name, worker: { backend } }: Device, at: AtWork | undefined): HelperSign["devices"][number] => ({
  name,
  ...(backend !== undefined && { backend }),
  ...(at?.isOurs && { at: { run: at.shard.run, from: at.shard.from, to: at.shard.to, done: at.done } }),
});
