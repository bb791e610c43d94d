"""The shape of a classifier as numbers and names, so that it can be read and written without torch.

Left out: the classifier itself (``rnnviz.model``).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rnnviz.signals import Cell, Pooling as Pooling, pooled_blocks

UNKNOWN, PADDING = "<unk>", "<pad>"
UNKNOWN_ID, PADDING_ID = 0, 1
SPECIALS = (UNKNOWN, PADDING)
"""The first two entries of every vocabulary, and their ids."""

Tokens = Literal["words", "letters"]
"""What a text is split into."""
BETWEEN: dict[Tokens, str] = {"words": " ", "letters": ""}
"""What stands between the tokens of a text."""
Task = Literal["classify", "next"]
"""What a network answers: the class of a text, or at each token which one comes next."""
Reading = Literal["packed", "padded"]
Directions = Literal["both", "sum", "mean", "forward", "backward"]
"""How a linear layer of somebody else's reads two directions; a classifier of ours reads both, side by side."""
Between = Literal["nothing", "relu", "tanh", "other"]
"""What lies between two linear layers of somebody else's; "other" is none of ours."""
Squash = Literal["nothing", "relu", "tanh"]
"""What is done to numbers before a linear layer reads them."""
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
MOST_UNITS = 2_048
Width = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Layers = Annotated[int, Field(ge=1, le=7)]  # in both directions 59 tensors, and a file may hold 64
GateBias = Annotated[float, Field(ge=-20.0, le=20.0)]
MOST_ENTRIES = 1_000_000
MOST_CLASSES = 10_000


class ModelConfig(BaseModel):
    """The shape of a classifier, with bounds that keep a hostile file from asking for a huge one.

    Attributes:
        cell: "rnn", "gru" or "lstm".
        nonlinearity: Of a plain RNN; the gated cells use tanh.
        vocabulary_size: Rows of the embedding, the two special entries included.
        embedding_size, hidden_size: Features of a word vector; units of a layer and direction.
        layers: Recurrent layers on top of each other.
        bidirectional: Whether a second network reads from the end.
        pooling: Which hidden states reach the linear layer, of the top layer unless it says otherwise.
            "last": the state after the last token that each direction reads. "last-layers": these states of all
            layers side by side, from the first layer on, as ``h_n`` has them. "output-last": the states at the text's
            last token, of which the backward one has read no other. "mean", "sum", "max": over all tokens. "max+mean":
            both, side by side.
        reading: "packed" reads each text alone. "padded" reads the batch as the lesson does: short texts are filled up
            with the *unknown word*, and the network runs over the filling. For demonstration only.
        learned_start: Whether a text starts from states that are weights, "start.hidden" and an LSTM's "start.cell";
            else from zeros.
        squash: What is done to the pooled states before a linear layer reads them.
        inner_size: Outputs of a linear layer, "inner", that lies between the pooled states and the last one; 0 where
            there is none.
        inner_squash: What is done to these outputs; "nothing" where there is no such layer, and only there.
        classes: Outputs of the last linear layer.
        embedding_dropout, dropout: Shares dropped in training, after the embedding and before the linear layer.
        recurrent_dropout: Share of the weights from state to state dropped in training, the same ones at each token
            of a batch (Merity, Keskar and Socher 2018).
        forget_bias: What an LSTM's forget gates, or a GRU's update gates, start from; PyTorch starts from about 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    cell: Cell = "lstm"
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    vocabulary_size: int = Field(ge=2, le=MOST_ENTRIES)
    embedding_size: Width = 64
    hidden_size: Width = 32
    layers: Layers = 1
    bidirectional: bool = False
    pooling: Pooling = "last"
    reading: Reading = "packed"
    learned_start: bool = False
    squash: Squash = "nothing"
    inner_size: int = Field(default=0, ge=0, le=MOST_UNITS)
    inner_squash: Squash = "nothing"
    classes: int = Field(ge=2, le=MOST_CLASSES)
    embedding_dropout: Share = 0.0
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    forget_bias: GateBias = 0.0

    @model_validator(mode="after")
    def _check_inner(self) -> "ModelConfig":
        if (self.inner_size > 0) != (self.inner_squash != "nothing"):
            raise ValueError("inner_size and inner_squash go together: a linear layer and what is done to its outputs")
        return self

    @property
    def directions(self) -> int:
        """1, or 2 when bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def pooled_size(self) -> int:
        """Features that the first linear layer reads."""
        return self.hidden_size * self.directions * pooled_blocks(self.pooling, self.layers)

    @property
    def has_linear_head(self) -> bool:
        """Whether the logits are a linear function of the pooled states."""
        return self.squash == "nothing" and not self.inner_size

    @property
    def padding_id(self) -> int:
        """What fills short texts up: the padding entry, or, read as the lesson does, the unknown word."""
        return UNKNOWN_ID if self.reading == "padded" else PADDING_ID


def shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of a classifier, known before anything is allocated for it."""
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[config.cell] * config.hidden_size
    sizes: dict[str, tuple[int, ...]] = {
        "embedding.weight": (config.vocabulary_size, config.embedding_size),
        "fc.weight": (config.classes, config.inner_size or config.pooled_size),
        "fc.bias": (config.classes,),
    }
    if config.inner_size:
        sizes |= {"inner.weight": (config.inner_size, config.pooled_size), "inner.bias": (config.inner_size,)}
    for layer in range(config.layers):
        features = config.hidden_size * config.directions if layer else config.embedding_size
        for suffix in (f"l{layer}", f"l{layer}_reverse")[: config.directions]:
            sizes[f"rnn.weight_ih_{suffix}"] = (gates, features)
            sizes[f"rnn.weight_hh_{suffix}"] = (gates, config.hidden_size)
            sizes[f"rnn.bias_ih_{suffix}"] = sizes[f"rnn.bias_hh_{suffix}"] = (gates,)
    if config.learned_start:
        for name in ("hidden", "cell")[: 2 if config.cell == "lstm" else 1]:
            sizes[f"start.{name}"] = (config.layers * config.directions, config.hidden_size)
    return sizes
