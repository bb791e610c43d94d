"""capture: every signal of any ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, and the very output the module would give.

PyTorch's fused modules compute every gate and throw it away. There are two ways to have them, each the other's proof:

- *walk*: the same arithmetic stepped along packed columns, and kept.
- *recover*: PyTorch's own kernel gives the hidden states, and all gates follow from them at once.

The rule: walk on a CPU, where it costs about what the fused call does; recover on an accelerator, where a loop of small
operations is slow, and for a few texts of one length on a CPU, for the same reason. Nothing is hooked or changed. Where
a gradient is asked for, the equations themselves are walked, so that PyTorch can follow them back, also in evaluation
mode on a GPU, where its own kernel refuses.

Left out: the choice of a route (``rnnviz.engine.plan``), the routes (``rnnviz.engine.routes``), modules inside another
model (``rnnviz.engine.watch``), texts and classifiers (``rnnviz.reading``).
"""

from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.engine.buffers import Result
from rnnviz.engine.cells import Signals
from rnnviz.engine.columns import Columns, State, ids_laid_out, initial, laid_out
from rnnviz.engine.holds import Holds
from rnnviz.engine.memory_limit import refuse_more_than_fits
from rnnviz.engine.one_text import walked_alone
from rnnviz.engine.plan import Plan, plan_of
from rnnviz.engine.routes import followed, recovered, walked
from rnnviz.engine.stack import Stack, described, stack_of
from rnnviz.engine.vocabulary_table import VocabularyTable
from rnnviz.errors import CaptureError


def capture(
    module: nn.Module,
    inputs: object,
    state: object = None,
    *,
    route: str | None = None,
    exact: bool = False,
    table: VocabularyTable | None = None,
    holds: Holds | None = None,
) -> tuple[Any, State, Signals]:
    """Run a recurrent module as in evaluation mode and keep every signal of every layer, direction, token and unit.

    Gradients flow through all that is returned if gradient mode is on and the inputs or the state ask for one; weights
    alone, which always ask, do not count.

    Args:
        module: Any ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``; it is left exactly as it was.
        inputs: What the module would be called with: a tensor (batched or not) or a PackedSequence.
        state: The initial state, as the module takes it; zeros when None.
        route: "walk" or "recover"; by the rule above when None.
        exact: Keep PyTorch's order of operations also where another is faster, in a text alone. Then what is captured
            from packed inputs on a CPU is bit for bit what the module gives; but PyTorch hands an LSTM's texts of equal
            length, in float32 and bfloat16, to another library (oneDNN); there the two agree to rounding.
        table: ``vocabulary_table(embedding, module)``; the inputs then are the ids of words, without the last axis.
        holds: Signals to hold at given values; ``rnnviz.hold`` does so for classifiers.

    Returns:
        The output and the final state, of the kinds and shapes that the module returns, and the signals: name to
        tensor [layer, direction, *output.shape[:-1], unit], for a PackedSequence [layer, direction, row of .data,
        unit]. Rows of the backward direction are in reading order. Names and ranges: ``rnnviz.signals``.

    Raises:
        CaptureError: The module is no recurrent one, the inputs or the state do not fit it, or the options exclude
            each other; the message names what is not supported.
        MemoryLimitError: It would take more memory than is free; asked where it takes more than 256 MB.
        SelectionError: There is no such route, or no such signal to hold.

    Source:
        The equations are those of ``torch.nn.RNN``, ``GRU`` and ``LSTM``; they stand in ``rnnviz.engine.cells``.

    Example:
        >>> lstm = torch.nn.LSTM(8, 16, num_layers=2, batch_first=True)
        >>> output, (hidden, cell), signals = rnnviz.capture(lstm, torch.randn(4, 10, 8))
        >>> list(signals), signals["forget"].shape
        (['input', 'forget', 'candidate', 'output', 'cell', 'hidden'], torch.Size([2, 1, 4, 10, 16]))
        >>> torch.equal(signals["hidden"][-1, 0], output)
        True
    """
    stack = stack_of(module)
    if table is None:
        columns = laid_out(stack, inputs)
    else:
        table.check(stack)
        columns = ids_laid_out(stack, inputs, len(table))
    start = initial(stack, columns, state)
    embedded = table.words.shape[1] if table else 0
    plan = plan_of(stack, columns, start, asked=route, exact=exact, holds=bool(holds), embedded=embedded)
    refuse_more_than_fits(plan.bytes, len(columns.rows), columns.rows.device)
    try:
        return _done(plan, stack, columns, start, table, holds or {})
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:  # of PyTorch's, whose words are about its own parts
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CaptureError("capture_failed", type=described(module), reason=reason) from error


def _done(
    plan: Plan, stack: Stack, columns: Columns, start: list[Tensor], table: VocabularyTable | None, holds: Holds
) -> Result:
    if plan.route == "follow":
        return followed(stack, columns, start, table)
    with torch.no_grad():
        if plan.route == "recover":
            return recovered(stack, columns, start, table)
        if plan.one_text:
            return walked_alone(stack, columns, start, table, holds)
        return walked(stack, columns, start, table, holds)
