"""How much of a text the page reads."""

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.page.payload import WINDOW
from rnnviz.reading import tokens_of

MOST_TOKENS = 2_000
"""Words or letters, which cost the same: whatever they are, each is a step of the network."""
MOST_TOKENS_BOTH_WAYS = WINDOW
"""A network that reads from both ends re-reads every beginning of the text, so the work grows with the square."""


def as_read(checkpoint: Checkpoint, text: str) -> tuple[str, list[str]]:
    """The beginning of a text that is read, and the tokens of the whole text."""
    tokens = tokens_of(checkpoint, text)
    most = MOST_TOKENS_BOTH_WAYS if checkpoint.config.model.bidirectional else MOST_TOKENS
    return (text if len(tokens) <= most else checkpoint.vocabulary.joined(tokens[:most])), tokens
