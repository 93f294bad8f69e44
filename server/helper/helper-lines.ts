/** What a machine that helps says of its work: a line when it begins, one for each shard, and one when it ends. */
import type { Device } from "../devices/device.ts";
import type { About, Say } from "../log/say.ts";
import { batchesText, type Order, type Shard } from "../shards/shard.ts";
import { counted, durationText } from "../units.ts";

export interface Beginning {
  /** Of Redis, without what is secret. */
  readonly redis: string;
  /** Where results go: the server's address, a folder, a bucket. */
  readonly to: string;
  readonly devices: readonly Device[];
  /** Ids of the models that it has. */
  readonly models: readonly string[];
}

/** So many are named; there may be thousands. */
const modelsNamed = 5;

export function sayBegins({ redis, to, devices, models }: Beginning, say: Say): void {
  const named = devices.map(nameOf);
  const some = models.length > modelsNamed ? `${models.slice(0, modelsNamed).join(", ")}, …` : models.join(", ");
  const has = models.length === 0 ? "no models yet" : `${counted(models.length, "model")} (${some})`;
  say(`Helps by ${redis}: draws on ${named.join(", ")}, brings what it draws to ${to}, has ${has}`, {
    ...{ event: "worker", state: "begun", redis, to, devices: named.join(", "), models: models.length },
  });
}

/** `drawMs`, `putMs`: how long it took to draw it, and to bring it. */
export interface Drawn {
  readonly device: Device;
  readonly shard: Shard;
  readonly order: Pick<Order, "pictures">;
  /** How many of its batches were computed: what was known already is no rate. */
  readonly computed: number;
  readonly drawMs: number;
  readonly putMs: number;
}

export function sayDrawn({ device, shard, order, computed, drawMs, putMs }: Drawn, say: Say): void {
  const batches = shard.to - shard.from;
  const pictures = order.pictures === undefined ? undefined : batches * order.pictures;
  const hourly = hourlyOf(order, computed, drawMs);
  const made = pictures === undefined ? "" : `, ${counted(pictures, "picture")}`;
  const rate = hourly === undefined ? "" : `, ${Math.round(hourly)} an hour`;
  const known = computed === batches ? "" : `, ${computed === 0 ? "all" : batches - computed} known of a run before`;
  say(
    `Drew ${spanOf(shard)} on ${nameOf(device)} in ${durationText(drawMs)}${made}${known}${rate}; brought in ${durationText(putMs)}`,
    {
      ...about(shard, device, "drawn"),
      ...{ ms: Math.round(drawMs), putMs: Math.round(putMs) },
      ...(pictures !== undefined && { pictures }),
      ...(hourly !== undefined && { hourly: Math.round(hourly) }),
    },
  );
}

/** Pictures an hour of a device; undefined where nobody counts them, or none was computed. */
export const hourlyOf = ({ pictures }: Pick<Order, "pictures">, computed: number, ms: number): number | undefined =>
  pictures === undefined || computed === 0 ? undefined : (computed * pictures) / (ms / 3_600_000);

/** What came of one that was not drawn, in words that go on behind it. */
export function sayNotDrawn(
  shard: Shard,
  device: Device,
  what: "over" | "unwanted" | "failed" | "refused" | "given back",
  say: Say,
  why = "",
): void {
  const level = what === "failed" || what === "refused" ? "warn" : "info";
  const words = {
    ...{ over: "Let go of", unwanted: "Drew in vain", failed: "Failed at" },
    ...{ refused: "Cannot draw", "given back": "Gave back" },
  } as const;
  const because = what === "unwanted" ? "it has come from another, or its run is over" : why;
  say(`${words[what]} ${spanOf(shard)} on ${nameOf(device)}${because === "" ? "" : `: ${because}`}`, {
    ...about(shard, device, what),
    level,
  });
}

export interface Ending {
  readonly done: number;
  readonly failed: number;
  /** What it was at when it was told to end. */
  readonly givenBack: readonly Shard[];
  /** Whether Redis was told. */
  readonly isHeard: boolean;
}

export function sayEnds({ done, failed, givenBack, isHeard }: Ending, say: Say): void {
  const back = givenBack.length === 0 ? "it was at nothing" : `gave back ${givenBack.map(spanOf).join(" and ")}`;
  const fails = failed === 0 ? "" : `, ${failed} could not be drawn`;
  const heard = isHeard ? "" : "; Redis could not be told, so that others get it when its lock has run out";
  say(`Ends: ${counted(done, "shard")} drawn${fails}; ${back}${heard}`, {
    ...{ event: "worker", state: "ended", done, failed, givenBack: givenBack.length },
    level: isHeard ? "info" : "warn",
  });
}

const about = ({ run, from, to }: Shard, device: Device, state: string): About => ({
  ...{ event: "shard", run, from, to, device: device.name, state },
});

const spanOf = (shard: Shard): string => `${batchesText(shard)} of run ${shard.run}`;

/** With what it turned out to be, where it was given as anything that is there. */
const nameOf = ({ name, worker: { backend } }: Device): string =>
  backend === undefined || name.startsWith(backend) ? name : `${name} (${backend})`;
