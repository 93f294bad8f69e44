/** The commands, in the order of the help. */
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import type { Command } from "./command.ts";
import { convertCommand } from "./convert.ts";
import { doctorCommand } from "./doctor.ts";
import { evaluateCommand } from "./evaluate.ts";
import { exportCommand } from "./export.ts";
import { gatherCommand } from "./gather.ts";
import { gradCommand } from "./grad.ts";
import { measureCommand } from "./measure.ts";
import { modelsCommand } from "./models.ts";
import { restoreCommand } from "./restore.ts";
import { runCommand } from "./run.ts";
import { sampleCommand } from "./sample.ts";
import { serveCommand } from "./serve.ts";
import { workerCommand } from "./worker.ts";

export const commands: Readonly<Record<string, Command>> = {
  run: runCommand,
  sample: sampleCommand,
  gather: gatherCommand,
  evaluate: evaluateCommand,
  check: checkCommand,
  export: exportCommand,
  convert: convertCommand,
  grad: gradCommand,
  models: modelsCommand,
  serve: serveCommand,
  worker: workerCommand,
  doctor: doctorCommand,
  measure: measureCommand,
  backup: backupCommand,
  restore: restoreCommand,
};
