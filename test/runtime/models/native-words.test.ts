import { expect, test } from "vitest";
import { nativeWords } from "../../../runtime/models/native-words.ts";

test.each([
  [
    "Non-zero status code returned while running ConstantOfShape node. Name:'head/Ones' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 17592186044416\n",
    'node "head/Ones" (ConstantOfShape): Failed to allocate memory for requested buffer of size 17592186044416',
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
    "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n",
    "Failed to get a WebGPU adapter: No supported adapters",
  ],
  ["\n\nprotobuf parsing failed.\nmore", "protobuf parsing failed."],
  ["", ""],
])("of %j, a person is told %j", (said, told) => {
  expect(nativeWords(new Error(said))).toBe(told);
});
