"""What was compiled runs uncompiled for a while: compiled code calls no module, so nobody could look into it.

``torch.compiler.set_stance`` alone would do, but it loads ``torch._dynamo``, which takes as long as torch itself. Where
that isn't loaded nothing is compiled, so it is asked only once somebody loads it.
"""

import importlib.util
import sys
from contextlib import ExitStack
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import torch

_COMPILER = "torch._dynamo"


def run_uncompiled(block: ExitStack) -> None:
    """Let every compiled model run uncompiled until the block ends, whenever it was or will be compiled."""
    if _COMPILER in sys.modules:
        block.enter_context(torch.compiler.set_stance("force_eager"))
        return
    waiting = _WhenLoaded(block)
    sys.meta_path.insert(0, waiting)
    block.callback(waiting.close)


class _WhenLoaded(MetaPathFinder):
    """Waits among Python's finders of modules until somebody compiles."""

    def __init__(self, block: ExitStack) -> None:
        self.block = block
        self._looks = False

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where the compiler is, and what to do as soon as it is loaded; None for every other module."""
        if name != _COMPILER or self._looks:
            return None
        self._looks = True
        try:
            spec = importlib.util.find_spec(name)  # by the others, among them those of blocks around this one
        finally:
            self._looks = False
        if spec is not None and spec.loader is not None:
            self._then_set_stance(spec.loader)
        return spec

    def _then_set_stance(self, loader: Any) -> None:
        load = loader.exec_module

        def load_and_set(module: Any) -> None:
            loader.exec_module = load
            load(module)
            if self in sys.meta_path:  # the block goes on
                self.close()
                self.block.enter_context(module.set_stance("force_eager"))

        loader.exec_module = load_and_set

    def close(self) -> None:
        """Wait no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
