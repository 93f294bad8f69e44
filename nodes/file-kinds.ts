/**
 * The kinds of files that graphs name, and how such files are called. Content decides what a file is; its name decides in which
 * lists it stands, what is uploaded as it, and where it may be dropped.
 */
export const fileKinds = {
  model: { name: "model", extensions: [".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx"] },
  /** In the images folders, where a folder of pictures is one batch too. */
  image: { name: "picture", extensions: [".png", ".jpg", ".jpeg", ".webp", ".npz"] },
  /** In the images folders as well. */
  tensor: { name: "array", extensions: [".npy", ".npz"] },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly extensions: readonly string[] }>>;

export type FileKind = keyof typeof fileKinds;

/** Whether a file of this name is listed as one of the kind. */
export const isNamedAs = (kind: FileKind, name: string): boolean => {
  const plain = name.toLowerCase();
  return fileKinds[kind].extensions.some((extension) => plain.endsWith(extension));
};

/** ".png, .jpg, .jpeg, .webp or .npz" */
export const extensionsOf = (kind: FileKind): string =>
  fileKinds[kind].extensions.join(", ").replace(/, (?=[^,]*$)/, " or ");
