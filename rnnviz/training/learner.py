"""A network that learns, batch by batch, and all that it takes to go on from where it stands.

Left out: what it begins with (``rnnviz.training.setup``), the order of the batches and when to look up
(``rnnviz.training.loop``).
"""

import copy
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor

from rnnviz.errors import TrainingError
from rnnviz.model import RecurrentClassifier
from rnnviz.training import distributed
from rnnviz.training.material import Draws, Material, Part
from rnnviz.training.recipe import Recipe
from rnnviz.untrusted.strict_json import json_object

_COUNTS = ("epoch", "finished", "step", "texts", "loss", "right", "seen", "learning_rate", "seconds")
_DIGEST = 32


@dataclass(eq=False)
class Learner:
    """A network, its optimiser, and the running means of the epoch.

    Attributes:
        recipe, model: What learns, and how.
        material: What it learns from; a batch is what the material takes for one.
        steps: Of the whole training.
        device: Where the network is.
        drawn: Where random numbers come from, those of dropout on a GPU apart.
        epoch, finished: The epoch under way, and the last one whose checkpoint was made; both counted from 1.
        step, texts: Batches and texts so far, over all epochs.
        loss, right, seen: Sums over the epoch's texts so far; of a text in which every token is told, "right" is the
            share of them.
        seconds: What went before, when the training was resumed.
        learning_rate: Of the last step.
        parts: Into how many a batch is cut to fit into the memory.
        remark: What somebody ought to be told, once; empty if nothing.
    """

    recipe: Recipe
    model: RecurrentClassifier
    material: Material
    steps: int
    device: torch.device
    drawn: torch.Generator
    epoch: int = 0
    finished: int = 0
    step: int = 0
    texts: int = 0
    loss: float = 0.0
    right: float = 0.0
    seen: int = 0
    seconds: float = 0.0
    learning_rate: float = 0.0
    parts: int = 1
    remark: str = ""

    def __post_init__(self) -> None:
        self.model.to(self.device)
        self.optimiser = self._optimiser()
        self._dropped = self._generator()
        self._batch: list[int] = []
        self._mean = copy.deepcopy(self.model).requires_grad_(requires_grad=False) if self.recipe.averaging else None
        self._run_fingerprint = self._fingerprint() if distributed.count() > 1 else 0

    def begin(self, epoch: int) -> None:
        """Start an epoch's means afresh."""
        self.epoch, self.loss, self.right, self.seen = epoch, 0.0, 0.0, 0

    def learn(self, batch: list[int]) -> None:
        """Take one step on one batch; where the GPU's memory is too small for it, in parts.

        Raises:
            TrainingError: The loss or its gradient stopped being a number, and the weights are left as they were; or
                another process of this training learns something else.
        """
        distributed.agree(self._run_fingerprint + self.step)
        self._batch = batch
        loss, right = self._fitting_gradient(batch)
        self._step(loss)
        self.step += 1
        self.texts += len(batch)
        self.seen += len(batch)
        self.loss += loss * len(batch)
        self.right += right

    @property
    def learned(self) -> RecurrentClassifier:
        """The network as it is saved: its own weights, or their running mean."""
        return self._mean or self.model

    def reach(self) -> list[float]:
        """How long the gradient of a text's loss is at each token, by the token's vector.

        The mean over the batch that was learned last, with the weights as they are now. For labelled texts.
        """
        vectors: list[Tensor] = []
        draws = Draws(
            torch.Generator(), torch.Generator(self.device)
        )  # the training's own go on as if nobody had asked
        whole = Part(self._batch, list(range(len(self._batch))))
        with self.model.embedding.register_forward_hook(lambda *given: vectors.append(given[-1])):
            loss, _ = self.material.losses(self.model, whole, self.recipe, draws)
        (gradient,) = torch.autograd.grad(loss, vectors)
        return gradient.norm(dim=2).sum(dim=0).tolist()

    def _fitting_gradient(self, batch: list[int]) -> tuple[float, float]:
        """``_gradient``, in as many parts as it takes to fit into the memory."""
        texts = len(_own_share(batch))
        while True:
            try:
                return self._gradient(batch)
            except torch.OutOfMemoryError:
                if self.parts >= texts and distributed.count() > 1:
                    raise  # no process can go to the processor alone
            self._save_memory(texts)  # here, where no error holds on to the tensors that are in the way

    def _gradient(self, batch: list[int]) -> tuple[float, float]:
        """Set the gradient of the batch's mean loss; the loss, and how many texts were answered rightly."""
        self.optimiser.zero_grad()
        self._reseed()
        sums = torch.zeros(2, device=self.device)
        own = _own_share(batch)
        draws = Draws(self.drawn, self._dropped)
        size = -(-len(own) // self.parts) or 1
        for start in range(0, len(own), size):
            rows = own[start : start + size]
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.precision == "bfloat16"):
                loss, right = self.material.losses(self.model, Part(batch, rows), self.recipe, draws)
            loss = loss * (len(rows) / len(batch))
            loss.backward()
            sums += torch.stack([loss.detach().float(), right.float()])
        distributed.add_up([*self._gradients(), sums])
        total, right = sums.tolist()
        return total, right

    def _gradients(self) -> Iterator[Tensor]:
        for parameter in self.model.parameters():
            if parameter.grad is None:  # this process had no text of the batch
                parameter.grad = torch.zeros_like(parameter)
            yield parameter.grad

    def _reseed(self) -> None:
        """In all processes but the first, draw anew at each step: a part's dropout is its own, also when resumed."""
        if distributed.rank():
            seeds = np.random.SeedSequence((self.recipe.seed, distributed.rank(), self.step))
            for generator in (self.drawn, self._dropped):
                generator.manual_seed(int(seeds.generate_state(1)[0]))

    def _step(self, loss: float) -> None:
        """Go down the gradient, which is first cut to the recipe's length."""
        length = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        rate = self.recipe.learning_rate
        if not (torch.tensor(loss).isfinite() and length.isfinite()):
            raise TrainingError("training_nan", epoch=self.epoch, step=self.step + 1, rate=rate, advice=rate / 10)
        self.learning_rate = rate * _share(self.step, max(1, round(self.steps * self.recipe.warmup)), self.steps)
        self.optimiser.param_groups[0]["lr"] = self.learning_rate
        self.optimiser.step()
        if self._mean:
            kept = min(self.recipe.averaging, (self.step + 1) / (self.step + 10))  # the first steps soon leave the mean
            torch._foreach_lerp_(list(self._mean.parameters()), list(self.model.parameters()), 1 - kept)

    def _save_memory(self, texts: int) -> None:
        """After the GPU's memory was full: cut batches in two, and when that no longer helps, move to the CPU."""
        self.optimiser.zero_grad()
        torch.cuda.empty_cache()
        if self.parts < texts:
            self.parts *= 2
            self.remark = f"The GPU's memory is too small for the batch: it is read in {self.parts} parts."
        else:
            self._move_to_cpu()
            self.remark = "The GPU's memory is too small even for one text: training goes on on the processor."

    def _optimiser(self) -> torch.optim.Adam:
        return torch.optim.Adam(self.model.parameters(), lr=self.recipe.learning_rate, fused=True)

    def _move_to_cpu(self) -> None:
        """Bring the network and its optimiser's moments from the GPU to the CPU."""
        moments = self.optimiser.state_dict()
        self.device, self.parts = torch.device("cpu"), 1
        self.model.to(self.device)
        if self._mean:
            self._mean.to(self.device)
        self.material.to(self.device)
        self.optimiser, self._dropped = self._optimiser(), self.drawn
        self.optimiser.load_state_dict(moments)

    def _generator(self) -> torch.Generator:
        """Where dropout draws from: a GPU has random numbers of its own."""
        if self.device.type == "cpu":
            return self.drawn
        return torch.Generator(self.device).manual_seed(self.recipe.seed)

    def _fingerprint(self) -> int:
        """A number that tells this recipe and these texts from others."""
        recipe = zlib.crc32(self.recipe.model_dump_json().encode())
        return zlib.crc32(b"".join(tensor.numpy().tobytes() for tensor in self.material.tensors()), recipe)

    def state(self, origin: dict[str, Any], seconds: float) -> bytes:
        """All that it takes to go on bit by bit: weights, the optimiser's moments, random numbers, counts.

        Args:
            origin: What the training was begun with; ``restore`` asks for the same.
            seconds: Spent so far.
        """
        counts = {name: getattr(self, name) for name in _COUNTS} | {"seconds": seconds, "origin": origin}
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        if self._mean:
            tensors |= {f"mean.{name}": value for name, value in self._mean.state_dict().items()}
        tensors |= {f"carried.{name}": value for name, value in self.material.carried().items()}
        for index, own in self.optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value for name, value in own.items()}
        tensors["random"] = self.drawn.get_state()
        if self._dropped is not self.drawn:
            tensors["random_cuda"] = self._dropped.get_state()
        tensors["counts"] = torch.frombuffer(bytearray(json.dumps(counts).encode()), dtype=torch.uint8)
        whole = safetensors.torch.save({name: value.cpu().contiguous() for name, value in tensors.items()})
        return hashlib.sha256(whole).digest() + whole

    def restore(self, state: bytes, origin: dict[str, Any]) -> None:
        """Take over what ``state`` saved.

        Raises:
            TrainingError: It is damaged, or was begun with something else.
        """
        if hashlib.sha256(state[_DIGEST:]).digest() != state[:_DIGEST]:
            raise TrainingError("resume_damaged")
        try:  # its hash is its own, so whoever can write it can also make one up
            tensors = safetensors.torch.load(state[_DIGEST:])
            counts = json_object(bytes(tensors.pop("counts").numpy()))
            before = dict(counts.pop("origin"))
        except (safetensors.SafetensorError, LookupError, TypeError, ValueError, RuntimeError):
            raise TrainingError("resume_damaged") from None
        other = [name for name in origin if json.loads(json.dumps(origin[name])) != before.get(name)]
        if other:
            raise TrainingError("resume_differs", what=" and ".join(other))
        try:
            self._load(tensors, counts)
        except (LookupError, TypeError, ValueError, RuntimeError):
            raise TrainingError("resume_damaged") from None

    def _load(self, tensors: dict[str, Tensor], counts: dict[str, Any]) -> None:
        """Load what was saved; each part that does not fit raises an error of its own kind."""
        if any(type(counts[name]) not in (int, type(getattr(self, name))) for name in _COUNTS):
            raise TypeError
        self.model.load_state_dict(_strip_prefix("model.", tensors))
        if self._mean:
            self._mean.load_state_dict(_strip_prefix("mean.", tensors))
        carried = _strip_prefix("carried.", tensors)
        self.material.restore({name: value.to(self.device) for name, value in carried.items()})
        whole = self.optimiser.state_dict()
        indices = whole["param_groups"][0]["params"] if counts["step"] else []
        whole["state"] = {index: _strip_prefix(f"adam.{index}.", tensors) for index in indices}
        for own, parameter in zip(whole["state"].values(), self.model.parameters(), strict=bool(indices)):
            if {name: value.shape for name, value in own.items()} != _moments(parameter.shape):
                raise ValueError
        self.optimiser.load_state_dict(whole)
        self.drawn.set_state(tensors["random"])
        if "random_cuda" in tensors and self._dropped is not self.drawn:
            self._dropped.set_state(tensors["random_cuda"])
        for name in _COUNTS:
            setattr(self, name, counts[name])


def _own_share(batch: list[int]) -> list[int]:
    """The rows of a batch that this process reads."""
    return list(range(len(batch))[distributed.rank() :: distributed.count()])


def _moments(shape: torch.Size) -> dict[str, torch.Size]:
    """What Adam keeps for a parameter of this shape."""
    return {"step": torch.Size(), "exp_avg": shape, "exp_avg_sq": shape}


def _strip_prefix(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _share(step: int, warmup: int, steps: int) -> float:
    """Share of the peak learning rate: up in a straight line over the warm-up, then down to zero."""
    return min((step + 1) / warmup, (steps - step) / max(1, steps - warmup))
