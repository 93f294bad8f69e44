/**
 * A restricted unpickler, protocols 0 … 5: the pickle machine of Python's Lib/pickletools.py, where a global is a row of
 * a table (globals.ts) or a name, and a call makes a record of ours. What torch.save never writes is refused.
 */
import { CheckpointError } from "./error.ts";
import { PickleMachine, type UnpicklerOptions } from "./pickle-machine.ts";
import { operations, refused } from "./pickle-operations.ts";

/** Against bombs, far above real files: the 512×512 ADM checkpoint (645 tensors) takes 20,600 operations and 5,200 objects. */
const maxOperations = 2_000_000;

export interface Unpickled {
  readonly value: unknown;
  /** Bytes up to and with the STOP operation. */
  readonly length: number;
}

/** Reads the pickle at the beginning of `bytes`. Throws a CheckpointError. */
export function readPickle(bytes: Uint8Array, options: UnpicklerOptions): Unpickled {
  const machine = new PickleMachine(bytes, options);
  for (let count = 0; !machine.stopped; count++) {
    if (count === maxOperations) throw new CheckpointError(`its pickle has more than ${maxOperations} operations`);
    const code = machine.byte();
    const operation = operations[code];
    if (!operation)
      throw new CheckpointError(
        `its pickle uses ${refused[code] ?? `the operation 0x${code.toString(16).padStart(2, "0")}`} at byte ${machine.at - 1}, which checkpoints do not have`,
      );
    operation(machine);
  }
  return { value: machine.pop(), length: machine.at };
}
