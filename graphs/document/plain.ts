/** Data of strangers, copied without the keys that mean something to a program which copies them onto objects. */

/** Through these an object's class is reached. */
const reserved = new Set(["__proto__", "constructor", "prototype"]);

/** A copy of plain data without the keys through which an object's class can be reached. Depth is bounded by `limits`. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>);
  if (typeof value !== "object" || value === null) return value;
  const safe: Record<string, unknown> = {};
  for (const key of Object.keys(value)) if (!reserved.has(key)) safe[key] = plain((value as typeof safe)[key]);
  return safe;
}

/**
 * Whether litegraph would take a file's key for one of its own methods or fields: its `configure` copies all keys of a file
 * onto graphs and nodes, and calls `onExecute` and its like. No file that it has written has one.
 */
export const isHostKey = (key: string): boolean => /^on[A-Z]/.test(key) || hostKeys.has(key) || reserved.has(key);

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Of LGraph, LGraphNode and LGraphGroup in litegraph.js 0.7, and of every object. */
const hostKeys = new Set(
  words(`
    hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__
    list_of_graphcanvas _nodes _nodes_by_id _nodes_in_order _nodes_executable _groups _version
    nodes_executing nodes_actioning nodes_executedAction
    getSupportedTypes clear attachCanvas detachCanvas start stop runStep updateExecutionOrder computeExecutionOrder
    getAncestors arrange getTime getFixedTime getElapsedTime sendEventToAllNodes sendActionToCanvas add remove getNodeById
    findNodesByClass findNodesByType findNodeByTitle findNodesByTitle getNodeOnPos getGroupOnPos checkNodeTypes trigger
    addInput setInputData getInputData renameInput changeInputType removeInput addOutput setOutputData getOutputData
    renameOutput changeOutputType removeOutput triggerInput setCallback beforeChange afterChange connectionChange isLive
    clearTriggeredSlots change setDirtyCanvas removeLink serialize configure load
    _ctor _pos graph clone getTitle setProperty setOutputDataType getInputDataType getInputDataByName isInputConnected
    getInputInfo getInputLink getInputNode getInputOrProperty getOutputInfo isOutputConnected isAnyOutputConnected
    getOutputNodes addOnTriggerInput addOnExecutedOutput changeMode executePendingActions doExecute actionDo triggerSlot
    clearTriggeredSlot setSize addProperty addOutputs addInputs addConnection computeSize getPropertyInfo addWidget
    addCustomWidget getBounding isPointInside getSlotInPosition findInputSlot findOutputSlot findInputSlotFree
    findOutputSlotFree findInputSlotByType findOutputSlotByType findSlotByType connectByType connectByTypeOutput connect
    disconnectOutput disconnectInput getConnectionPos alignToGrid trace loadImage captureInput collapse pin localToScreen
    move recomputeInsideNodes`),
);
