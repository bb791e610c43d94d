"""What two processes do together: ``torchrun`` runs this file for ``test_distributed``. Each writes what it saw."""

import json
import os
import sys
from pathlib import Path

import safetensors.torch
import torch

from rnnviz.errors import TrainingError
from rnnviz.training import distributed, loop
from rnnviz.training.loop import train
from rnnviz.training.recipe import Recipe
from rnnviz.training.sources import Sources
from tests.builders import dataset, separable

TINY = {"hidden_size": 8, "embedding_size": 8, "epochs": 3, "batch_tokens": 24, "device": "cpu"}
PLAIN = {
    "lstm": TINY | {"bidirectional": True, "pooling": "max+mean", "label_smoothing": 0.1},
    "padded": TINY | {"cell": "gru", "reading": "padded"},
}
NOISY = TINY | {"dropout": 0.3, "embedding_dropout": 0.3, "word_dropout": 0.2}


def uneven():
    """Texts that no two processes can share out evenly: batches of odd numbers, and two of a single text."""
    data = separable(61)
    texts = (*data.texts, "the good film was all good", "bad at the film was all bad at all")
    return dataset(texts, [*data.labels, 1, 0])


def weights_after(settings):
    """What a training leaves, before it is rounded; and the mean loss and the share of right answers of each epoch."""
    sources = Sources(uneven(), (), (), None, None)
    with distributed.joined(torch.device("cpu")):
        *_, run = loop._prepared(sources, Recipe(**settings), name="x", title="", history={}, begun=0.0)
        ends = []
        for found in loop._learning(run, sources.dataset, None):
            if found:
                moment = run.moment()
                ends.append([moment.loss, moment.accuracy, moment.texts, moment.step])
    return dict(run.learner.model.state_dict()), ends


def final(moments):
    """The last checkpoint's weights, as bytes."""
    *_, last = moments
    return safetensors.torch.save(last.checkpoint.model.state_dict()).hex()


def resumed(kept):
    """A training with dropout in one go, and one that the first process breaks off after its first epoch.

    Also how many epochs this process saw the end of, of the second one.
    """
    whole, seen = final(train(separable(), Recipe(**NOISY))), 0
    for moment in train(separable(), Recipe(**NOISY)):
        seen += moment.checkpoint is not None
        if distributed.rank() == 0 and moment.checkpoint:
            kept.write_bytes(moment.state())
            break
    with distributed.joined(torch.device("cpu")):  # the file is there, since both are here
        state = kept.read_bytes()
    return whole, final(train(separable(), Recipe(**NOISY), resume=state)), seen


def objection(moments, most=None):
    """What a training objects to; empty if it ends, or is left after so many moments, in peace."""
    try:
        for seen, _ in enumerate(moments, start=1):
            if seen == most:
                break
    except TrainingError as error:
        return str(error)
    return ""


def main(folder):
    own, rank = folder / os.environ["RANK"], distributed.rank()
    own.mkdir()
    ends = {}
    for name, settings in PLAIN.items():
        found, ends[name] = weights_after(settings)
        safetensors.torch.save_file(found, own / f"{name}.safetensors")
    whole, again, seen = resumed(folder / "state")
    wild = Recipe(**TINY | {"cell": "rnn", "nonlinearity": "relu", "learning_rate": 1e30})
    other = separable(60 + 2 * rank)
    found = {
        "ends": ends,
        "whole": whole,
        "again": again,
        "epochs until the first left": seen,
        "the second left": objection(train(separable(), Recipe(**TINY)), most=1 if rank else None),
        "not a number": objection(train(separable(), wild)),
        "other texts": objection(train(other, Recipe(**TINY))),
        "other recipe": objection(train(separable(), Recipe(**TINY | {"learning_rate": 0.01 * (1 + rank)}))),
    }
    (own / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
