"""
Stores the demo checkpoints as float16: `python half.py FOLDER` rounds those of FOLDER, which are float32, and writes them
here. The reference's code reads them as they are: load_state_dict widens them into its float32 modules. The next eight bits
of the weights that test/fixtures/golden/demo was made with go there, so that its numbers can be met. PyTorch 1.13.
"""
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch as th

here = Path(__file__).parent
rest = {}


def bits(tensor):
    return tensor.float().numpy().view(np.int32)


for path in sorted(Path(sys.argv[1]).glob("*.pt")):
    full = th.load(path, map_location="cpu")
    half = OrderedDict((name, tensor.half()) for name, tensor in full.items())
    th.save(half, here / path.name)
    # A half lies at most 2¹² steps of float32 from what it stands for.
    steps = np.concatenate([(bits(full[name]) - bits(half[name])).flatten() for name in full])
    rest[path.stem] = np.clip(np.round(steps / 32) + 128, 0, 255).astype(np.uint8)

del rest["shapes32_weak"]
np.savez(here / "../test/fixtures/golden/demo/rest.npz", **rest)
