"""How much of a text the page reads."""

from rnnviz.checkpoint.folder import Checkpoint
from rnnviz.page.payload import WINDOW

MOST_TOKENS = 2_000
"""Words or letters, which cost the same: whatever they are, each is a step of the network."""
MOST_TOKENS_BOTH_WAYS = WINDOW
"""A network that reads from both ends re-reads every beginning of the text, so the work grows with the square."""


def tokens_of(checkpoint: Checkpoint, text: str) -> list[str]:
    """The tokens of a text; of white space alone, none where classes are told apart: there is nothing to tell."""
    tokens = checkpoint.vocabulary.tokenise(text)
    is_blank = checkpoint.config.task == "classify" and all(token.isspace() for token in tokens)
    return [] if is_blank else tokens


def most_tokens(checkpoint: Checkpoint) -> int:
    """So many tokens of a text are read at most."""
    return MOST_TOKENS_BOTH_WAYS if checkpoint.config.model.bidirectional else MOST_TOKENS


def as_read(checkpoint: Checkpoint, text: str) -> tuple[str, list[str]]:
    """The beginning of a text that is read, and the tokens of the whole text."""
    tokens = tokens_of(checkpoint, text)
    most = most_tokens(checkpoint)
    return (text if len(tokens) <= most else checkpoint.vocabulary.joined(tokens[:most])), tokens
