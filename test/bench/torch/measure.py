"""Milliseconds of PyTorch for the networks that `guidegraph measure --graphs DIR` wrote: the same ONNX graphs, node by node.

    python3 test/bench/torch/measure.py DIR -o test/bench/measured/torch.json

Needs torch and onnx; with a CUDA card, on it. Each graph is called as written (eager), and again as a CUDA graph, which
is what PyTorch can do without the cost of launching each kernel. `npm run bench -- devices` puts the numbers beside ours.
"""
import argparse
import json
import pathlib
import re
import time

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

TORCH_TYPES = {1: torch.float32, 7: torch.int64, 9: torch.bool, 10: torch.float16}


def axes_of(value):
    return [int(axis) for axis in value.tolist()]


def conv(x, attrs, weight, bias=None):
    pads = attrs.get("pads", [0, 0, 0, 0])
    return F.conv2d(x, weight, bias, attrs.get("strides", 1), pads[:2], attrs.get("dilations", 1), attrs.get("group", 1))


def conv_transpose(x, attrs, weight, bias=None):
    pads = attrs.get("pads", [0, 0, 0, 0])
    return F.conv_transpose2d(x, weight, bias, attrs.get("strides", 1), pads[:2], 0, attrs.get("group", 1))


def gather(x, attrs, at):
    axis = attrs.get("axis", 0) % x.dim()
    return x.index_select(axis, at.reshape(-1)).reshape(x.shape[:axis] + at.shape + x.shape[axis + 1 :])


def gemm(a, attrs, b, c=None):
    a = a.t() if attrs.get("transA") else a
    b = b.t() if attrs.get("transB") else b
    y = a @ b * attrs["alpha"] if attrs.get("alpha", 1.0) != 1.0 else a @ b
    return y if c is None else y + c


def layer_norm(x, attrs, weight, bias=None):
    axis = attrs.get("axis", -1)
    return torch.native_layer_norm(x, x.shape[axis:], weight, bias, attrs["epsilon"])


def reshape(x, _attrs, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(axes_of(shape))])


def resize(x, _attrs, _roi, scales):
    return F.interpolate(x, scale_factor=[float(scale) for scale in scales.tolist()[2:]], mode="nearest")


def slice_(x, _attrs, starts, ends, axes=None, steps=None):
    count = len(starts)
    axes = axes_of(axes) if axes is not None else range(count)
    steps = axes_of(steps) if steps is not None else [1] * count
    for axis, start, end, step in zip(axes, axes_of(starts), axes_of(ends), steps):
        at = range(x.shape[axis])[start:end:step]
        # torch takes no step below zero.
        kept = x.narrow(axis, min(at), max(at) - min(at) + 1) if len(at) else x.narrow(axis, 0, 0)
        kept = kept.flip(axis) if step < 0 else kept
        x = kept[(slice(None),) * (axis % x.dim()) + (slice(None, None, abs(step)),)]
    return x


def split(x, attrs, sizes):
    return x.split(axes_of(sizes), attrs["axis"])


def unsqueeze(x, _attrs, axes):
    for axis in axes_of(axes):
        x = x.unsqueeze(axis)
    return x


OPERATORS = {
    "Add": lambda a, _, b: a + b,
    "AveragePool": lambda x, attrs: F.avg_pool2d(x, attrs["kernel_shape"], attrs["strides"]),
    "Cast": lambda x, attrs: x.to(TORCH_TYPES[attrs["to"]]),
    "Concat": lambda x, attrs, *more: torch.cat([x, *more], attrs["axis"]),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Cos": lambda x, _: x.cos(),
    "Div": lambda a, _, b: a / b,
    "Equal": lambda a, _, b: a == b,
    "Expand": lambda x, _, shape: x.broadcast_to(torch.broadcast_shapes(x.shape, axes_of(shape))),
    "Gather": gather,
    "Gemm": gemm,
    "Identity": lambda x, _: x,
    "InstanceNormalization": lambda x, attrs, weight, bias: F.instance_norm(x, weight=weight, bias=bias, eps=attrs["epsilon"]),
    "LayerNormalization": layer_norm,
    "MatMul": lambda a, _, b: a @ b,
    "Mul": lambda a, _, b: a * b,
    "Neg": lambda x, _: -x,
    "ReduceMean": lambda x, attrs, axes: x.mean(axes_of(axes), keepdim=bool(attrs.get("keepdims", 1))),
    "ReduceSum": lambda x, attrs, axes: x.sum(axes_of(axes), keepdim=bool(attrs.get("keepdims", 1))),
    "Reshape": reshape,
    "Resize": resize,
    # Shapes stay on the host, where the others read them.
    "Shape": lambda x, attrs: torch.tensor(list(x.shape)[attrs.get("start", 0) : attrs.get("end")]),
    "Sigmoid": lambda x, _: x.sigmoid(),
    "Sin": lambda x, _: x.sin(),
    "Slice": slice_,
    "Softmax": lambda x, attrs: x.softmax(attrs.get("axis", -1)),
    "Split": split,
    "Sub": lambda a, _, b: a - b,
    "Transpose": lambda x, attrs: x.permute(attrs["perm"]),
    "Unsqueeze": unsqueeze,
}


class Network:
    """An ONNX graph as a function of tensors."""

    def __init__(self, path, device):
        graph = onnx.load(str(path)).graph
        self.inputs = [value.name for value in graph.input]
        self.outputs = [output.name for output in graph.output]
        self.constants = {}
        for tensor in graph.initializer:
            value = torch.from_numpy(numpy.array(numpy_helper.to_array(tensor)))
            # Whole numbers are shapes, axes and the classes' numbers: those that shapes are made of stay on the host.
            self.constants[tensor.name] = value.to(device) if value.is_floating_point() else value
        for node in graph.node:
            place = {"Equal": device, "Resize": "cpu"}.get(node.op_type)
            # A factor that the host reads of the card is waited for, and no CUDA graph can hold that.
            if place:
                self.constants |= {name: self.constants[name].to(place) for name in node.input if name in self.constants}
        self.nodes = []
        for node in map(self.step, graph.node):
            # What depends on constants alone is computed once, as every runtime does.
            if all(name in self.constants for name in node[2] if name):
                self.run(node, self.constants)
            else:
                self.nodes.append(node)

    def step(self, node):
        attrs = {attr.name: onnx.helper.get_attribute_value(attr) for attr in node.attribute}
        return OPERATORS[node.op_type], attrs, list(node.input), list(node.output)

    def __call__(self, **feeds):
        values = {**self.constants, **feeds}
        for node in self.nodes:
            self.run(node, values)
        return values[self.outputs[0]]

    def run(self, node, values):
        operator, attrs, inputs, outputs = node
        given = [values[name] if name else None for name in inputs]
        result = operator(given[0], attrs, *given[1:])
        results = result if isinstance(result, tuple) else (result,)
        values.update(zip(outputs, results))


def feeds_for(inputs, size, batch, device):
    classes = torch.full((batch,), 3, device=device)
    feeds = {
        "x": torch.randn(batch, 3, size, size, device=device),
        "t": torch.full((batch,), 480.0, device=device),
        **{"y": classes, "labels": classes, "scale": torch.tensor(2.0, device=device)},
    }
    return {name: feeds[name] for name in inputs}


def median_ms(call, device, seconds):
    """Of up to 30 calls behind three that are not counted."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for _ in range(3):
        call()
    wait()
    taken, began = [], time.perf_counter()
    while len(taken) < 30 and time.perf_counter() - began < seconds:
        start = time.perf_counter()
        call()
        wait()
        taken.append(1_000 * (time.perf_counter() - start))
    return sorted(taken)[len(taken) // 2]


def off(path, output, feeds):
    """Relative L2 to onnxruntime's processor, where it is installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    right = session.run(None, {name: value.cpu().numpy() for name, value in feeds.items()})[0]
    return float(numpy.linalg.norm(output.float().cpu().numpy() - right) / numpy.linalg.norm(right))


def captured(network, feeds):
    """The calls as one CUDA graph: launched at once."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            network(**feeds)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        network(**feeds)
    return graph.replay


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("graphs", type=pathlib.Path)
    parser.add_argument("-o", "--out", type=pathlib.Path)
    parser.add_argument("--batches", default="1,8,16")
    parser.add_argument("--seconds", type=float, default=0.6, help="a number may take")
    given = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows = []
    for path in sorted(given.graphs.glob("*.onnx")):
        kind, size, precision = re.fullmatch(r"(unet|gradient)-(\d+)-(float\d+)", path.stem).groups()
        network = Network(path, device)
        for batch in [int(batch) for batch in given.batches.split(",")]:
            feeds = feeds_for(network.inputs, int(size), batch, device)
            row = {"kind": kind, "size": int(size), "batch": batch, "precision": precision}
            with torch.inference_mode():
                if batch == 1:
                    print(f"{path.stem}: relative L2 to onnxruntime {off(path, network(**feeds), feeds)}")
                row["eager"] = median_ms(lambda: network(**feeds), device, given.seconds)
                if device == "cuda":
                    try:
                        row["captured"] = median_ms(captured(network, feeds), device, given.seconds)
                    except RuntimeError as error:
                        print(f"{path.stem}, batch {batch}: no CUDA graph: {str(error).splitlines()[0]}")
            print(row, flush=True)
            rows.append(row)
    name = torch.cuda.get_device_name() if device == "cuda" else "a processor"
    report = {"torch": torch.__version__, "device": name, "date": time.strftime("%Y-%m-%d"), "rows": rows}
    if given.out:
        given.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
