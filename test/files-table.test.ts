/** docs/files.md: what happens to files that people bring, found out by opening them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import {
  graphBuilder,
  parseModelFlags,
  type Role,
  shapesOf,
  structureFromFlags,
  toHalfBytes,
  writeModel,
} from "../onnx/index.ts";
import { bytesOf, npyHeader } from "../runtime/codecs/npy.ts";
import { type Files, type NpyType, tensorStore, writeNpz } from "../runtime/index.ts";
import { temporaryFolder } from "./support/cli.ts";
import { markdownTable } from "./support/markdown-table.ts";
import { testEngine } from "./support/run-document.ts";
import { ascii, global, randomTensors, type StoredTensor, text, zipChunks } from "./support/write-checkpoint.ts";
import {
  dict,
  PythonObject,
  python,
  pythonCall,
  pythonClass,
  safetensorsBytes,
  savedBytes,
  stateDict,
  withHeader,
} from "./support/write-pickle.ts";

const folder = temporaryFolder();
const tensorsOf = (role: Role, flags: string, seed = 1) =>
  randomTensors(shapesOf(structureFromFlags(role, parseModelFlags(flags))), seed);
const small = "--image_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 8";
const raw = tensorsOf("unet", small);
const averaged = tensorsOf("unet", small, 2);
const judge = tensorsOf(
  "classifier",
  "--image_size 16 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 8 --num_classes 10",
);
const loose = (name: string): StoredTensor => ({ name, type: "float32", dims: [1], bytes: () => new Uint8Array(4) });
const converted = (type: StoredTensor["type"], convert: (values: Float32Array) => Uint8Array): StoredTensor[] =>
  raw.map((tensor) => ({ ...tensor, type, bytes: () => convert(new Float32Array(tensor.bytes().slice().buffer)) }));
const half = converted("float16", toHalfBytes);
const bfloat16 = converted(
  "bfloat16",
  (values) => new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer),
);
const double = converted("float64", (values) => new Uint8Array(Float64Array.from(values).buffer));
const unet = (flags: string) => savedBytes(stateDict(tensorsOf("unet", `${small} ${flags}`)));
const bare = (tensors: readonly StoredTensor[], prefix: string) =>
  new Map(tensors.map((tensor) => [prefix + tensor.name.replaceAll(".", ""), tensor]));
const bytes = (...parts: (string | number[] | Uint8Array)[]) =>
  Uint8Array.from(
    Buffer.concat(
      parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.from(part))),
    ),
  );
const module = new PythonObject(
  "unet.UNetModel",
  [],
  dict({ _parameters: dict({ weight: loose("w") }), _modules: dict({}) }),
);
const heads = "--image_size 16 --num_heads 4 --classifier_num_head_channels 16";

/** The kind, the file's name, its content, and the flags it is opened with beside `heads`. */
type Row = readonly [kind: string, name: string, content: Uint8Array | string, flags?: string];

const checkpoints: readonly Row[] = [
  ["a state dict", "unet.pt", savedBytes(stateDict(raw))],
  ["a classifier's", "classifier.pt", savedBytes(stateDict(judge))],
  ["named .pth", "unet.pth", savedBytes(stateDict(raw))],
  ["named .ckpt", "unet.ckpt", savedBytes(stateDict(raw))],
  ["named .bin", "unet.bin", savedBytes(stateDict(raw))],
  ["safetensors", "unet.safetensors", safetensorsBytes(raw)],
  ["safetensors named .pt", "safe.pt", safetensorsBytes(raw)],
  ["a checkpoint named .onnx", "wrong.onnx", savedBytes(stateDict(raw))],
  ["of float16", "half.pt", savedBytes(stateDict(half))],
  ["of bfloat16", "bfloat16.pt", savedBytes(stateDict(bfloat16))],
  ["of float64", "double.pt", savedBytes(stateDict(double))],
  ["safetensors of bfloat16", "bfloat16.safetensors", safetensorsBytes(bfloat16)],
  ...["state_dict", "model", "model_state_dict", "ema", "params_ema"].map(
    (key): Row => [`in \`${key}\``, `${key}.pt`, savedBytes(dict({ epoch: 3, [key]: stateDict(raw) }))],
  ),
  ...[
    "module.",
    "model.",
    "_orig_mod.",
    "inner_model.",
    "denoise_fn.",
    "model.diffusion_model.",
    "module._orig_mod.model.",
  ].map((prefix): Row => [`names that begin with \`${prefix}\``, `${prefix}pt`, savedBytes(stateDict(raw, prefix))]),
  ["weights and their average", "both.pt", savedBytes(dict({ model: stateDict(raw), ema: stateDict(averaged) }))],
  [
    "the same with `--weights raw`",
    "both.pt",
    savedBytes(dict({ model: stateDict(raw), ema: stateDict(averaged) })),
    "--weights raw",
  ],
  [
    "the same with `--weights swa`",
    "both.pt",
    savedBytes(dict({ model: stateDict(raw), ema: stateDict(averaged) })),
    "--weights swa",
  ],
  [
    "`online_model.model.` beside `ema_model.model.`",
    "online.pt",
    savedBytes(new Map([...stateDict(raw, "online_model.model."), ...stateDict(averaged, "ema_model.model.")])),
  ],
  [
    "latent diffusion's, with a first stage and LitEma",
    "ldm.ckpt",
    savedBytes(
      dict({
        state_dict: new Map([
          ["betas", loose("betas")],
          ...stateDict(raw, "model.diffusion_model."),
          ...bare(averaged, "model_ema.diffusion_model"),
          ["first_stage_model.conv_in.weight", loose("w")],
        ]),
      }),
    ),
  ],
  [
    "an average that lacks tensors",
    "short.pt",
    savedBytes(dict({ model: stateDict(raw), ema: stateDict(averaged.slice(9)) })),
  ],
  ["a UNet and a classifier", "pair.pt", savedBytes(dict({ unet: stateDict(raw), classifier: stateDict(judge) }))],
  [
    "two UNets that differ",
    "cascade.pt",
    savedBytes([stateDict(raw), stateDict(tensorsOf("unet", `${small} --class_cond True`))]),
  ],
  [
    "beside an argparse.Namespace",
    "args.pt",
    savedBytes(dict({ model: stateDict(raw), args: python("argparse.Namespace", { lr: 1 }) })),
  ],
  [
    "beside omegaconf's DictConfig",
    "omega.pt",
    savedBytes(dict({ model: stateDict(raw), cfg: python("omegaconf.dictconfig.DictConfig", { _content: dict({}) }) })),
  ],
  ...["numpy.core", "numpy._core"].map(
    (name): Row => [
      `beside scalars of ${name}`,
      `${name}.pt`,
      savedBytes(
        dict({
          model: stateDict(raw),
          loss: pythonCall(`${name}.multiarray.scalar`, pythonCall("numpy.dtype", "f8"), "8 bytes."),
        }),
      ),
    ],
  ),
  [
    "with callbacks as keys",
    "callbacks.ckpt",
    savedBytes(dict({ state_dict: stateDict(raw), callbacks: new Map([[pythonClass("lightning.Checkpoint"), 1]]) })),
  ],
  [
    "beside a datetime",
    "date.pt",
    savedBytes(dict({ model: stateDict(raw), at: pythonCall("datetime.datetime", "x") })),
  ],
  [
    "beside a path",
    "path.pt",
    savedBytes(dict({ model: stateDict(raw), out: pythonCall("pathlib.PosixPath", "tmp") })),
  ],
  [
    "beside a member of an enum",
    "enum.pt",
    savedBytes(dict({ model: stateDict(raw), mode: pythonCall("my.Mode", 2) })),
  ],
  [
    "beside an optimiser",
    "optimiser.pt",
    savedBytes(
      dict({
        model: stateDict(raw),
        optimizer: dict({ state: new Map([[0, dict({ exp_avg: loose("m") })]]) }),
        scheduler: python("torch.optim.lr_scheduler.LambdaLR"),
      }),
    ),
  ],
  ["a module that was pickled whole", "whole.pt", savedBytes(module)],
  ["a module that was pickled whole, in a dict", "inside.pt", savedBytes(dict({ model: module, epoch: 3 }))],
  [
    "TorchScript",
    "script.pt",
    bytes(...zipChunks(["a/data.pkl", "a/constants.pkl"].map((name) => ({ name, bytes: () => ascii("N.") })))),
  ],
  ["of `os.system`", "unsafe.pt", savedBytes(dict({ model: stateDict(raw), x: pythonCall("os.system", "id") }))],
  ["of `builtins.eval`", "eval.pt", savedBytes(dict({ model: stateDict(raw), x: pythonCall("builtins.eval", "1") }))],
  ["one tensor", "tensor.pt", savedBytes(loose("w"))],
  ["a dict without tensors", "empty-dict.pt", savedBytes(dict({ epoch: 3 }))],
  [
    "of another kind of network",
    "other.pt",
    savedBytes(dict({ "features.0.weight": loose("w"), "classifier.weight": loose("w") })),
  ],
  ["a UNet of diffusers", "diffusers.bin", savedBytes(dict({ "down_blocks.0.resnets.0.conv1.weight": loose("w") }))],
  [
    "latent diffusion's, with cross-attention",
    "ldm-text.ckpt",
    savedBytes(new Map([...stateDict(raw), ["input_blocks.1.1.transformer_blocks.0.attn2.to_q.weight", loose("w")]])),
  ],
  ["a LoRA", "lora.safetensors", safetensorsBytes([loose("mid.to_q.lora_up.weight")])],
  [
    "an optimiser's state",
    "opt.pt",
    savedBytes(dict({ state: new Map([[0, dict({ exp_avg: loose("m") })]]), param_groups: [] })),
  ],
  ["averages without names", "shadow.pt", savedBytes(dict({ decay: 1, shadow_params: [loose("a"), loose("b")] }))],
  ["a part of several", "model-00001-of-00002.safetensors", safetensorsBytes(raw.slice(0, 40))],
  ["half of a network", "part.pt", savedBytes(stateDict(raw.slice(0, 40)))],
  ["of int8", "int8.pt", savedBytes(stateDict(converted("int8", (values) => new Uint8Array(values.length))))],
  [
    "of NumPy's arrays",
    "numpy.pt",
    savedBytes(dict({ "out.2.bias": pythonCall("numpy.core.multiarray._reconstruct", pythonClass("numpy.ndarray")) })),
  ],
  [
    "of tensors without values",
    "meta.pt",
    savedBytes(dict({ "out.2.bias": pythonCall("torch._utils._rebuild_meta_tensor_no_storage", "float32") })),
  ],
  ["that lacks a tensor", "missing.pt", savedBytes(stateDict(raw.slice(0, -1)))],
  ["heads that nothing tells", "heads.pt", savedBytes(stateDict(raw)), "--num_heads -1"],
  ...["1", "2", "4", "6", "8"].map(
    (n): Row => [`of ${n} channel${n === "1" ? "" : "s"}`, `channels-${n}.pt`, unet(`--in_channels ${n}`)],
  ),
  [
    "an image beside a mask, its variance learnt",
    "mask.pt",
    unet("--in_channels 1 --condition_channels 3 --learn_sigma True"),
  ],
  [
    "the same with `--learn_sigma True`",
    "mask.pt",
    unet("--in_channels 1 --condition_channels 3 --learn_sigma True"),
    "--learn_sigma True",
  ],
  ["six channels in, three out", "six.pt", unet("--in_channels 3 --condition_channels 3")],
  [
    "the same with the sizes of super-resolution",
    "six.pt",
    unet("--in_channels 3 --condition_channels 3"),
    "--large_size 16 --small_size 4",
  ],
];

const others: readonly Row[] = [
  ["nothing", "nothing.pt", ""],
  ["half of a checkpoint", "cut.pt", savedBytes(stateDict(raw)).slice(0, 100_000)],
  ["half of safetensors", "cut.safetensors", safetensorsBytes(raw).slice(0, 100_000)],
  [
    "safetensors whose tensors overlap",
    "overlap.safetensors",
    withHeader(
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}',
      new Uint8Array(6),
    ),
  ],
  [
    "safetensors of an 8-bit type",
    "f8.safetensors",
    withHeader('{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}', new Uint8Array(4)),
  ],
  ["a web page", "page.pt", "<!DOCTYPE html><html>"],
  ["a Git LFS pointer", "lfs.pt", "version https://git-lfs.github.com/spec/v1\noid sha256:0"],
  ["text", "notes.txt", "these are no weights"],
  ["an ordinary pickle", "pickle.pt", bytes([0x80, 2, 0x4b, 1, 0x2e])],
  ["a pickle that runs code", "system.pt", bytes([0x80, 2], global("posix", "system"), text("id"), [0x85, 0x52, 0x2e])],
  [
    "tensors that pickle.dump wrote",
    "dumped.pkl",
    bytes([0x80, 2], global("torch.storage", "_load_from_bytes"), text("…"), [0x85, 0x52, 0x2e]),
  ],
  ["an NPZ", "arrays.pt", bytes(...zipChunks([{ name: "arr_0.npy", bytes: () => ascii("x") }]))],
  ["an NPY", "array.pt", bytes("\x93NUMPY\x01\x00")],
  ["a picture", "picture.pt", bytes("\x89PNG\r\n\x1a\n")],
  ["HDF5", "keras.pt", bytes("\x89HDF\r\n\x1a\n")],
  ["GGUF", "llama.pt", "GGUF...."],
  ["gzip", "unet.pt.gz", bytes([0x1f, 0x8b, 8, 0])],
  ["tar", "old.pt", bytes(new Uint8Array(257), "ustar", new Uint8Array(250))],
  ["a checkpoint in a zip archive", "unet.zip", bytes(...zipChunks([{ name: "unet.pt", bytes: () => ascii("x") }]))],
  ["the index of one in parts", "model.safetensors.index.json", '{"metadata": {}, "weight_map": {}}'],
  ["another zip archive", "word.pt", bytes(...zipChunks([{ name: "word/document.xml", bytes: () => ascii("x") }]))],
];

const engine = testEngine([], [folder], [folder]);

async function openedModel([kind, name, content, flags = ""]: Row): Promise<Line> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const sized = flags.includes("large_size") ? heads.replace("--image_size 16 ", "") : heads;
  const asked = flags.includes("--num_heads") ? "--image_size 16" : `${sized} ${flags}`;
  const said = await engine.networks.open(undefined, { file: name, sha256: "", flags: asked }).then(
    ({ about: { architecture, notes }, facts: { channels, classes, condition, lowRes, learnSigma } }) =>
      [
        `opened as ${architecture}, ${[
          `${channels} channel${channels === 1 ? "" : "s"}`,
          ...(learnSigma ? ["learns σ"] : []),
          ...(classes === undefined ? [] : [`${classes} classes`]),
          ...(condition === undefined ? [] : [`a condition of ${condition}`]),
          ...(lowRes === undefined ? [] : [`from ${lowRes}×${lowRes}`]),
        ].join(", ")}`,
        ...notes,
      ].join("; "),
    (error: Error) =>
      `refused: ${error.message.replace(/^Cannot (read|use) (checkpoint )?"[^"]*": /, "").replaceAll("\n  ", "; ")}`,
  );
  return line(kind, name, said);
}

type Line = readonly string[];
const line = (kind: string, name: string, said: string): Line => [kind, `\`${name}\``, said.replaceAll("|", "\\|")];

const table = (rows: readonly Line[]): string => markdownTable(["what", "for example", "what happens"], rows);

async function onnxRows(): Promise<Row[]> {
  const op = () => graphBuilder();
  const net = async (dims: (string | number)[]) => {
    const b = op();
    const x = b.input("x", "float32", dims);
    b.input("t", "float32", ["N"]);
    b.output("out", b.Mul(x, 0.5), "float32", dims);
    return writeModel(b.model("net"));
  };
  const classifier = async () => {
    const b = op();
    const x = b.input("x", "float32", ["N", 3, 16, 16]);
    b.output(
      "logits",
      b.MatMul(b.Reshape(x, b.int64([-1, 768])), b.float(new Array(7680).fill(0.1), [768, 10])),
      "float32",
      ["N", 10],
    );
    return writeModel(b.model("judge"));
  };
  return [
    ["a UNet in ONNX", "unet.onnx", await net(["N", 3, 16, 16])],
    ["ONNX named .pt", "onnx.pt", await net(["N", 3, 16, 16])],
    ["a classifier in ONNX", "judge.onnx", await classifier()],
    ["half of an ONNX file", "cut.onnx", (await classifier()).slice(0, 900)],
    ["ONNX of another rank", "flat.onnx", await net(["N", 3])],
  ];
}

async function pictureRows(): Promise<Line[]> {
  const pixels = (channels: 1 | 2 | 3 | 4) =>
    sharp(new Uint8Array(16 * 12 * channels).fill(90), { raw: { width: 16, height: 12, channels } });
  const files: [string, string, Uint8Array | string][] = [
    ["PNG, RGB", "rgb.png", await pixels(3).png().toBuffer()],
    ["PNG, grey", "grey.png", await pixels(1).toColourspace("b-w").png().toBuffer()],
    ["PNG, RGBA", "rgba.png", await pixels(4).png().toBuffer()],
    ["PNG, palette", "palette.png", await pixels(3).png({ palette: true }).toBuffer()],
    ["PNG, 16 bits", "deep.png", await pixels(3).toColourspace("rgb16").png().toBuffer()],
    ["JPEG", "photo.jpg", await pixels(3).jpeg().toBuffer()],
    ["WebP", "photo.webp", await pixels(3).webp().toBuffer()],
    ["GIF", "moving.gif", await pixels(3).gif().toBuffer()],
    ["TIFF", "scan.tiff", await pixels(3).tiff().toBuffer()],
    ["HEIC", "photo.heic", bytes([0, 0, 0, 24], "ftypheic")],
    ["DICOM", "scan.dcm", bytes(new Uint8Array(128), "DICM")],
    ["an array", "scan.npy", bytes("\x93NUMPY")],
    ["half of a PNG", "cut.png", (await pixels(3).png().toBuffer()).subarray(0, 60)],
    ["text", "text.png", "no picture"],
  ];
  return Promise.all(
    files.map(async ([kind, name, content]) => {
      const said = await engine.images
        .look(name, Uint8Array.from(typeof content === "string" ? ascii(content) : content))
        .then(
          (facts) => `opened, ${facts.channels === 1 ? "grey" : `${facts.channels} channels`}`,
          (error: Error) => `refused: ${error.message.replace(/^Cannot read picture "[^"]*": /, "")}`,
        );
      return line(kind, name, said);
    }),
  );
}

const array = (type: NpyType, dims: readonly number[], values: ArrayBufferView) =>
  ({ type, dims, chunks: [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)] }) as const;
const npy = ({ type, dims, chunks }: ReturnType<typeof array>) => bytes(npyHeader(type, dims), chunks[0]);
const npz = (arrays: Record<string, ReturnType<typeof array>>) => bytes(...writeNpz(arrays));

async function arrayRows(): Promise<Line[]> {
  const scan = array("float32", [2, 3, 4], new Float32Array(24));
  const header = (text: string) => bytes("\x93NUMPY\x01\x00", [text.length, 0], text);
  const files: [kind: string, name: string, content: Uint8Array, array?: string][] = [
    ...(["float64", "float32", "float16", "int64", "int16", "uint8", "bool"] as const).map(
      (type): [string, string, Uint8Array] => [
        `NPY of ${type}`,
        `${type}.npy`,
        npy(array(type, [2, 4], new Uint8Array(8 * bytesOf(type)))),
      ],
    ),
    [
      "NPY in Fortran order",
      "fortran.npy",
      bytes(header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }"), new Uint8Array(16)),
    ],
    [
      "NPY, big-endian",
      "big.npy",
      bytes(header("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }"), new Uint8Array(8)),
    ],
    ["NPZ of one array", "one.npz", npz({ scan })],
    ["NPZ of several", "several.npz", npz({ scan, mask: scan })],
    ["the same with `array` mask", "several.npz", npz({ scan, mask: scan }), "mask"],
    ["the same with `array` maks", "several.npz", npz({ scan, mask: scan }), "maks"],
    ["an NPZ named .npy", "zipped.npy", npz({ scan })],
    ["NPY of text", "text.npy", header("{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }")],
    ["NPY of Python objects", "objects.npy", header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")],
    ["NPY of complex numbers", "complex.npy", header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }")],
    ["NPY with NaN", "nan.npy", npy(array("float32", [2], Float32Array.of(1, Number.NaN)))],
    ["NPY without values", "empty.npy", npy(array("float32", [0, 3], new Float32Array()))],
    ["half of an NPY", "cut.npy", npy(scan).slice(0, 150)],
    ["half of an NPZ", "cut.npz", npz({ scan }).slice(0, 150)],
    ["NPZ of nothing", "nothing.npz", npz({})],
    ["MATLAB", "scan.mat", bytes("MATLAB 5.0 MAT-file")],
    ["NIfTI", "brain.nii", bytes(new Uint8Array(344), "n+1\0")],
    ["NIfTI with gzip", "brain.nii.gz", bytes([0x1f, 0x8b, 8, 0])],
    ["DICOM", "scan.dcm", bytes(new Uint8Array(128), "DICM")],
    ["a picture", "photo.jpg", bytes([0xff, 0xd8, 0xff, 0xe0])],
  ];
  return Promise.all(
    files.map(async ([kind, name, content, array = ""]) => {
      const source = { tensor: async () => ({ state: "", read: async () => content }) } as Partial<Files> as Files;
      const said = await tensorStore(source)
        .load(name, array)
        .then(
          ({ type, dims }) => `opened, ${type} ${dims.join("×")}`,
          (error: Error) => `refused: ${error.message.replace(/^(Cannot read array|Array) file "[^"]*":? /, "")}`,
        );
      return line(kind, name, said);
    }),
  );
}

async function nameRows(): Promise<Line[]> {
  mkdirSync(join(folder, "runs"), { recursive: true });
  writeFileSync(join(folder, "runs", "last.ckpt"), savedBytes(stateDict(raw)));
  const names: [string, string][] = [
    ["a name in a folder below", "runs/last.ckpt"],
    ["a folder", "runs"],
    ["a path", "/home/me/unet.pt"],
    ["a Windows path", "C:\\models\\unet.pt"],
    ["a way out of the folder", "../unet.pt"],
    ["a hidden file", ".cache/unet.pt"],
    ["a name that is mistyped", "unett.pt"],
    ["a name that is nowhere", "nowhere.pt"],
  ];
  const picture = await sharp(new Uint8Array(12), { raw: { width: 2, height: 2, channels: 3 } })
    .png()
    .toBuffer();
  for (const name of ["dog.png", "picture"]) writeFileSync(join(folder, name), picture);
  const pictures: [string, string][] = [
    ["a picture", "dog.png"],
    ["a picture without an extension", "picture"],
    ["a model, as a picture", "unet.pt"],
    ["a picture's name that is mistyped", "dgo.png"],
    ["a picture by its path", "/home/me/dog.png"],
    ["a folder without pictures", "runs"],
  ];
  const pictureLines = pictures.map(async ([kind, file]) => {
    const said = await engine.images.facts(file).then(
      ({ height, width }) => `opened, ${height}×${width}`,
      (error: Error) => `refused: ${error.message}`,
    );
    return line(kind, file, said);
  });
  const modelLines = await Promise.all(
    names.map(async ([kind, file]) => {
      const said = await engine.networks.open(undefined, { file, sha256: "", flags: heads }).then(
        ({ about }) => `opened as ${about.architecture}`,
        (error: Error) => `refused: ${error.message}`,
      );
      return line(kind, file, said);
    }),
  );
  return [...modelLines, ...(await Promise.all(pictureLines))];
}

const inTurn = async (rows: readonly Row[]): Promise<Line[]> => {
  const lines: Line[] = [];
  for (const row of rows) lines.push(await openedModel(row));
  return lines;
};

test("docs/files.md is what happens to files", async () => {
  const text = `# Files that people bring

Written by \`test/files-table.test.ts\`, which makes each file and opens it. A file's content decides what it is, not its name;
no weight is read before it is needed, and nothing in a file is ever run. What a [card](networks.md#cards) beside a checkpoint says is
in docs/networks.md. The flags \`${heads}\` were typed where shapes do not
tell.

## Checkpoints

${table(await inTurn(checkpoints))}

## Networks in ONNX

${table(await inTurn(await onnxRows()))}

## Files that are none of these

${table(await inTurn(others))}

## Names

${table(await nameRows())}

## Pictures

${table(await pictureRows())}

Colour profiles are passed over, and inks (CMYK) mixed by the plain formula, R = (1 − C)(1 − K), as PIL's \`convert("RGB")\` does.

## Arrays

Load Tensor reads them as float32. Which axis is which its \`layout\` says: an array of other axes is refused with those that it could
have.

${table(await arrayRows())}
`;
  await expect(text).toMatchFileSnapshot("../docs/files.md");
}, 120_000);
