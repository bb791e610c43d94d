"""Puts rnnviz's own objections in front of the reader, in a form that the page can say in any of its languages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from rnnviz.errors import RnnvizError

P = ParamSpec("P")


def objection(error: RnnvizError) -> dict[str, Any]:
    """An error as JSON: its key, what fills its sentence, and the sentence in English."""
    values = {
        name: value if isinstance(value, bool | int | float) else str(value) for name, value in error.values.items()
    }
    return {"error": error.key, "values": values, "message": str(error)}


def objecting(core: Callable[P, dict[str, Any]]) -> Callable[P, dict[str, Any]]:
    """Answer with the objection where one is raised; any other exception stays a bug."""

    @wraps(core)
    def call(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        try:
            return core(*args, **kwargs)
        except RnnvizError as error:
            return objection(error)

    return call
