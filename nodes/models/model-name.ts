/** What model files are called. Their content decides what they are; a name decides what is listed. */
export const modelExtensions: readonly string[] = [".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx"];

export const isModelName = (name: string): boolean =>
  modelExtensions.some((extension) => name.toLowerCase().endsWith(extension));
