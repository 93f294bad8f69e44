/**
 * The kinds of files that graphs name, and how such files are called. Content decides what a file is; its name decides in which
 * lists it stands, what is uploaded as it, and where it may be dropped.
 */
export const fileKinds = {
  model: { name: "model", folder: "models", extensions: [".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx"] },
  /** A folder of pictures is one batch too. */
  image: { name: "picture", folder: "images", extensions: [".png", ".jpg", ".jpeg", ".webp", ".npz"] },
  tensor: { name: "array file", folder: "images", extensions: [".npy", ".npz"] },
} as const satisfies Readonly<Record<string, FileTraits>>;

/** Where files are looked for, in words and on the command line. */
const fileFolders = {
  models: { name: "models folder", flag: "--models" },
  images: { name: "pictures folder", flag: "--images" },
} as const;

interface FileTraits {
  readonly name: string;
  readonly folder: keyof typeof fileFolders;
  readonly extensions: readonly string[];
}

export type FileKind = keyof typeof fileKinds;

export const folderOf = (kind: FileKind) => fileFolders[fileKinds[kind].folder];

/** Whether a file of this name is listed as one of the kind. */
export const isNamedAs = (kind: FileKind, name: string): boolean => {
  const plain = name.toLowerCase();
  return fileKinds[kind].extensions.some((extension) => plain.endsWith(extension));
};

/** ".png, .jpg, .jpeg, .webp or .npz" */
export const extensionsOf = (kind: FileKind): string =>
  fileKinds[kind].extensions.join(", ").replace(/, (?=[^,]*$)/, " or ");
