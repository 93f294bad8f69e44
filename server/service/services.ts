/** What a running server is made of; HTTP and the socket translate between these and bytes. */
import type { NodeDescription } from "../../nodes/index.ts";
import type { Devices } from "../devices/devices.ts";
import type { DocumentStore } from "../documents/document-store.ts";
import type { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import type { DiskSpace } from "../files/disk-space.ts";
import type { StillThere } from "../files/still-there.ts";
import type { WaitingModels } from "../files/waiting-models.ts";
import type { Keeper } from "../keeping/keeper.ts";
import type { Say } from "../log/say.ts";
import type { Machines } from "../machines/machines.ts";
import type { Database } from "../runs/database.ts";
import type { Exporter } from "../runs/exporter.ts";
import type { RunHistory } from "../runs/history.ts";
import type { Intake } from "../runs/intake.ts";
import type { Planner } from "../runs/planner.ts";
import type { Previews } from "../runs/previews.ts";
import type { Quarantine } from "../runs/quarantine.ts";
import type { RunQueue } from "../runs/queue.ts";
import type { RunLog } from "../runs/run-log.ts";
import type { Submission, Submitted } from "../runs/submit.ts";
import type { Traffic } from "./traffic.ts";

export interface Services {
  readonly data: DataFolder;
  /** What of it must be where it was. */
  readonly folders: StillThere;
  readonly database: Database;
  readonly ballast: Ballast;
  readonly space: DiskSpace;
  /** Models that have no place yet. */
  readonly waiting: WaitingModels;
  readonly traffic: Traffic;
  readonly nodes: readonly NodeDescription[];
  readonly graphs: DocumentStore;
  readonly samplers: DocumentStore;
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly previews: Previews;
  readonly queue: RunQueue;
  readonly quarantine: Quarantine;
  readonly keeper: Keeper;
  readonly intake: Intake;
  readonly submit: (submission: Submission) => Promise<Submitted>;
  /** Looks at graphs and files. */
  readonly planner: Planner;
  /** Graphs as ONNX. */
  readonly exporter: Exporter;
  /** Runs graphs. */
  readonly devices: Devices;
  /** Others that help these; absent: nobody asked for them. */
  readonly machines?: Machines | undefined;
  /** Folders with pictures, the preferred first. */
  readonly imageFolders: readonly string[];
  readonly say: Say;
}
