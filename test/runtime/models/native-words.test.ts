import { Tensor } from "onnxruntime-common";
import { expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { nativeWords } from "../../../runtime/models/native-words.ts";
import { nativeProvider } from "../../../server/providers/native.ts";

const ort = "/onnxruntime_src/onnxruntime/core";

/** As onnxruntime says them, and the libraries below it. */
test.each([
  [
    "Invalid rank for input: x Got: 2 Expected: 4 Please fix either the inputs/outputs or the model.",
    'input "x" has 2 dimensions where 4 are expected',
  ],
  [
    "Got invalid dimensions for input: x for the following indices\n index: 1 Got: 5 Expected: 3\n index: 3 Got: 6 Expected: 4\n Please fix either the inputs/outputs or the model.",
    'input "x" has other dimensions than expected: axis 1 is 5, not 3, axis 3 is 6, not 4',
  ],
  [
    "Unexpected input data type. Actual: (tensor(int64)) , expected: (tensor(float))",
    "an input is int64 where float is expected",
  ],
  ["input 'x' is missing in 'feeds'.", 'input "x" is missing'],
  ["'fetches' contains invalid output name: nope.", 'it has no output "nope"'],
  [
    `Non-zero status code returned while running ConstantOfShape node. Name:'head/Ones' Status Message: ${ort}/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 17592186044416\n`,
    'node "head/Ones" (ConstantOfShape): there is no room for 16 TiB more: use a smaller batch, or smaller pictures',
  ],
  [
    `Non-zero status code returned while running Conv node. Name:'c' Status Message: ${ort}/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Available memory of 1048576 is smaller than requested bytes of 3221225472\n`,
    'node "c" (Conv): there is no room for 3 GiB more, with 1 MiB free: use a smaller batch, or smaller pictures',
  ],
  [
    "CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_allocator.cc ; line=39 ; expr=cudaMalloc((void**)&p, size); ",
    "out of memory: use a smaller batch, or smaller pictures",
  ],
  [
    'This is an invalid model. In Node, ("n1", Nope, "", -1) : ("x": tensor(float),) -> ("y": tensor(float),) , Error No Op registered for Nope with domain_version of 18',
    'node "n1": there is no operator Nope in opset 18: export it with the opset that the operator is of, or without it',
  ],
  [
    "Fatal error: com.me:Nope(-1) is not a registered function/op",
    "there is no operator Nope of com.me: export it with operators of ONNX alone",
  ],
  [
    `${ort}/graph/model_load_utils.h:46 void onnxruntime::model_load_utils::ValidateOpsetForDomain(const std::unordered_map<std::__cxx11::basic_string<char>, int>&, const onnxruntime::logging::Logger&, bool, const std::string&, int) ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions. Opset 99 is under development and support for this is limited. The operator schemas and or other functionality may change before next ONNX release and in this case ONNX Runtime will not guarantee backward compatibility. Current official support for domain ai.onnx is till opset 26.\n`,
    "it is of opset 99, and opsets of ai.onnx are known up to 26: export it with that or an older one",
  ],
  [
    `${ort}/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::IOnnxRuntimeOpSchemaRegistryList*, const onnxruntime::logging::Logger&, const onnxruntime::ModelOptions&) Unsupported model IR version: 99, max supported IR version: 13\n`,
    "it is of IR version 99, and versions are known up to 13: save it by an older release of onnx",
  ],
  [
    "Failed to load model because protobuf parsing failed.",
    "protobuf parsing failed: the file is cut off, or no ONNX file",
  ],
  ["\n\nprotobuf parsing failed.\nmore", "protobuf parsing failed: the file is cut off, or no ONNX file"],
  [
    "[Device] is lost.\n - While calling [Queue].Submit([[CommandBuffer]])\n    at operator() (/build/dawn/Device.cpp:368)\n",
    "[Device] is lost.",
  ],
  [
    "CUDA failure 700: an illegal memory access was encountered\n\nStacktrace:\n#0 0x7f21 in main\n",
    "CUDA failure 700: an illegal memory access was encountered",
  ],
  [
    "Deserialize tensor const.3 failed.tensorprotoutils.cc:1763 GetExtDataFromTensorProto External initializer: const.3 offset: -8 size to read: 12288 given file_length: 26000 are out of bounds or can not be read in full.",
    "Deserialize tensor const.3 failed. External initializer: const.3 offset: -8 size to read: 12288 given file_length: 26000 are out of bounds or can not be read in full.",
  ],
  [
    "Non-zero status code returned while running Conv node. Name:'' Status Message: D:\\a\\_work\\1\\s\\core\\providers\\cpu\\conv.cc:12 onnxruntime::Conv::Compute(class X *) const Input X must be 4-dimensional. Got 3",
    'node "" (Conv): Input X must be 4-dimensional. Got 3',
  ],
  [
    `Non-zero status code returned while running Reshape node. Name:'r' Status Message: ${ort}/providers/cpu/tensor/reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == requested_shape_size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{6}, requested shape:{4,4}\n`,
    'node "r" (Reshape): The input tensor cannot be reshaped to the requested shape. Input shape:{6}, requested shape:{4,4}',
  ],
  [
    `${ort}/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n`,
    "Failed to get a WebGPU adapter: No supported adapters",
  ],
  ["", ""],
])("of %j, a person is told %j", (said, told) => {
  expect(nativeWords(new Error(said))).toBe(told);
});

const zeros = (dims: readonly number[]) => new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b)), dims);

/** What the release that is installed says is what the table has. */
test.each([
  ["rank", { a: zeros([3, 4]), b: zeros([1]) }, 'input "a" has 2 dimensions where 4 are expected'],
  [
    "dimensions",
    { a: zeros([2, 5, 4, 6]), b: zeros([1]) },
    'input "a" has other dimensions than expected: axis 1 is 5, not 3, axis 3 is 6, not 4',
  ],
  [
    "type",
    { a: new Tensor("int64", new BigInt64Array(48), [1, 3, 4, 4]), b: zeros([1]) },
    "an input is int64 where float is expected",
  ],
  ["input that is missing", { b: zeros([1]) }, 'input "a" is missing'],
  [
    "broadcast",
    { a: zeros([1, 3, 4, 4]), b: zeros([3]) },
    'node "sum" (Add): Attempting to broadcast an axis by a dimension other than 1. 3 by 4',
  ],
])("a wrong %s is told of in one line", async (_, feeds, told) => {
  const op = graphBuilder();
  const dims = ["N", 3, 4, 4];
  op.output("y", op.Add(op.input("a", "float32", dims), op.input("b", "float32", ["K"])), "float32", dims);
  const model = await writeModel(op.model("probe"));
  const session = await nativeProvider("cpu", { threads: 1 }).createSession({ bytes: 0, model, external: [] });
  const said = await session.run(feeds as Record<string, Tensor>).then(
    () => "nothing",
    (error: unknown) => nativeWords(error),
  );
  expect(said.replace("Add.0", "sum")).toBe(told);
  await session.release();
});
