"""Recipe: everything that decides what a training makes of a data set."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, field_serializer

from rnnviz.model_config import MOST_ENTRIES, SPECIALS, GateBias, Layers, Pooling, Reading, Share, Task, Tokens, Width
from rnnviz.signals import Cell

Device = Literal["auto", "cpu", "cuda"]
_WINDOW = 128


class Recipe(BaseModel):
    """Everything that decides what a training makes of a data set. The command line's options are these fields.

    Example:
        >>> recipe = rnnviz.Recipe(cell="gru", epochs=3)
        >>> recipe.cell, recipe.epochs, recipe.hidden_size, recipe.learning_rate
        ('gru', 3, 32, 0.008)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Task = Field("classify", description="What is learned: a text's class, or at each token which comes next.")
    tokens: Tokens = Field("words", description="What a text is split into.")
    cell: Cell = Field("lstm", description="Kind of cell.")
    nonlinearity: Literal["tanh", "relu"] = Field("tanh", description="Of a plain RNN.")
    embedding_size: Width = Field(64, description="Features of a word vector.")
    hidden_size: Width = Field(32, description="Units of a layer and direction.")
    layers: Layers = Field(1, description="Recurrent layers on top of each other.")
    bidirectional: bool = Field(False, description="Whether a second network reads from the end.")
    pooling: Pooling = Field("last", description="Which hidden states reach the linear layer.")
    reading: Reading = Field(
        "packed", description="'padded' reads batches as the lesson does, to show what goes wrong."
    )
    forget_bias: GateBias = Field(
        0.0, description="What an LSTM's forget gates, or a GRU's update gates, start from; 4 helps to remember."
    )
    embedding_dropout: Share = Field(0.0, description="Share of the embedding's features dropped in training.")
    dropout: Share = Field(0.0, description="Share of the pooled features dropped in training.")
    recurrent_dropout: Share = Field(0.0, description="Share of the weights from state to state dropped in training.")
    word_dropout: Share = Field(0.0, description="Share of words read as unknown in training.")
    label_smoothing: Share = Field(0.0, description="Share of the truth that is spread over all classes.")
    vocabulary_size: int = Field(20_000, ge=1, le=MOST_ENTRIES - len(SPECIALS), description="The most words to know.")
    min_freq: int = Field(1, ge=1, description="Words seen less often are unknown.")
    epochs: int = Field(2, ge=1, description="Times that every text is read.")
    batch_tokens: int = Field(4_096, ge=1, description="Tokens in a batch of texts of equal length.")
    most_tokens: int = Field(256, ge=1, description="Longer texts are cut in training.")
    pieces: int = Field(1, ge=1, description="A longer text gives up to so many pieces, each with its label.")
    every_token: bool = Field(
        False, description="Whether the answer after each token is learned, not only the one at the end."
    )
    streams: int = Field(64, ge=1, description="Next token: places of the text that are read at once.")
    detach: int | None = Field(
        None,
        ge=1,
        description="Cut the gradient before every so many tokens; the state is carried over, not its history. "
        "Unless said: 128 for the next token, never for a class.",
    )
    learning_rate: FiniteFloat = Field(
        8e-3, gt=0.0, description="At its peak; it then falls to zero in a straight line."
    )
    warmup: Share = Field(0.1, description="Share of all steps before the peak.")
    clip: float = Field(1.0, gt=0.0, description="Longest gradient.")
    averaging: Share = Field(
        0.0,
        description="What each step keeps of a running mean of the weights, which is saved; 0: no mean.",
    )
    teacher_share: Share = Field(
        0.7, description="With teachers: their share in the target of a labelled text; the rest is the label."
    )
    crops: int = Field(
        0, ge=0, description="With teachers: so many random cuts of each text are learned too, as they judge them."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="Of products; bfloat16 is for GPUs, and for processors with AMX."
    )
    seed: int = Field(0, ge=0, lt=2**63, description="Of everything that is drawn.")
    device: Device = Field("auto", description="'auto' takes the GPU when there is one.")

    @property
    def window(self) -> int:
        """Next token: how many tokens are read between two cuts."""
        return self.detach or _WINDOW

    @field_serializer("detach")
    def _written(self, detach: int | None) -> int:
        """As a number, also where none is said: so it stands on every card, and in every state to resume from."""
        return detach or _WINDOW
