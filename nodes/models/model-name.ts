/** What model files are called. Their content decides what they are; a name decides what is listed. */
export const modelExtensions: readonly string[] = [".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx"];

export const modelName = new RegExp(`(${modelExtensions.join("|").replaceAll(".", "\\.")})$`, "i");
