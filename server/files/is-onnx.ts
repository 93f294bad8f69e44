/** Whether a file is called as an ONNX one: of those that are named and may not be there, it is all that is known. */
export const isOnnx = (path: string): boolean => /\.onnx$/i.test(path);
