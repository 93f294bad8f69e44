/** How onnxruntime's providers say that a card, or its driver, is of no use any more to the process that had it. */
const lostDevice =
  /\bdevice (is|was) lost\b|\bdevice lost\b|DXGI_ERROR_DEVICE|VK_ERROR_DEVICE_LOST|\bCUDA (failure|error) \d+/i;

/** Whether a message says so; memory that a card has not is no loss of it. */
export const saysDeviceLost = (message: string): boolean => lostDevice.test(message) && !/out of memory/i.test(message);
