"""Reading a corpus in the processes of Ray Data, on one machine or many; the parts are those that one process reads."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.corpus.reader import Offsets, PartRead, Reader, Step, Tokens
from rnnviz.errors import SettingError
from rnnviz.experiments.evaluation import finished

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else it tells its makers

try:
    import ray
    import ray.data
except ImportError:
    raise SettingError("ray_extra") from None


def read_parts(
    checkpoint: Checkpoint, tokens: Tokens, offsets: Offsets, left: Sequence[range]
) -> Iterator[Step | PartRead]:
    """Read parts side by side, and give them in their order.

    A cluster that this process has joined is used, or that which RAY_ADDRESS names; else Ray is started here, and
    stopped in the end.
    """
    started = not ray.is_initialized()
    if started:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
    try:
        context = ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        processes = min(len(left), int(ray.cluster_resources()["CPU"]))
        ranges = [{"start": texts.start, "stop": texts.stop} for texts in left]
        shared = ray.put((checkpoint, tokens, offsets, torch.get_num_threads()))
        read = ray.data.from_items(ranges, override_num_blocks=len(ranges)).map(
            _Reads, fn_constructor_args=(shared,), compute=ray.data.ActorPoolStrategy(size=processes)
        )
        for row in read.iter_rows():
            texts = range(row["start"], row["stop"])
            states = np.frombuffer(row["states"], np.float16).reshape(
                int(offsets[texts.stop] - offsets[texts.start]), -1
            )
            answers, probabilities = np.frombuffer(row["answers"], np.int32), np.frombuffer(row["shares"], np.float32)
            yield PartRead(texts, states, answers, probabilities)
    finally:
        if started:
            ray.shutdown()


class _Reads:
    """What one of the processes does with a part."""

    def __init__(self, shared: Any) -> None:
        checkpoint, tokens, offsets, threads = ray.get(shared)
        torch.set_num_threads(threads)  # as many as without Ray, since sums may depend on it
        self.reader = Reader(checkpoint, tokens, offsets)

    def __call__(self, row: dict[str, int]) -> dict[str, Any]:
        part = finished(self.reader.read(range(row["start"], row["stop"])))
        numbers = {"states": part.states, "answers": part.answers, "shares": part.probabilities}
        return row | {name: values.tobytes() for name, values in numbers.items()}
