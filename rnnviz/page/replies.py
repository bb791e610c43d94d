"""Every answer that the page gets, as JSON has it. Types only: nothing is checked or copied when an answer is made.

The types of the browser are made from these (``rnnviz.page.contract``). ``typing_extensions`` comes with pydantic,
which takes no ``TypedDict`` from elsewhere in Python 3.11.

Left out: what the page asks (``rnnviz.page.requests``); what the page is given when it is loaded, before it asks.
"""

from typing import Annotated, Literal, NotRequired, Required

from pydantic import Field
from typing_extensions import TypedDict

from rnnviz.analysis.claims import Verdict
from rnnviz.signals import Cell, Direction

Method = Literal["gradient_times_input", "integrated_gradients", "ledger"]
"""How a score is shared out among the words (``rnnviz.attribute``)."""
Matched = Literal["name", "value", "number"]
"""By what the labels of a file were matched with a network's classes (``rnnviz.page.own_texts``)."""
State = Literal["waiting", "running", "done", "cancelled", "failed"]


class Objection(TypedDict):
    """Why there is no answer: the key of a sentence, what fills it, and the sentence in English."""

    error: str
    values: dict[str, bool | int | float | str]
    message: str


class Empty(TypedDict):
    """The text has no words."""

    empty: Literal[True]


# A reading


class Signal(TypedDict):
    """A signal. Colours run from ``low`` to ``high``; ``scale`` is its largest absolute value."""

    name: str
    symbol: str
    meaning: str
    low: float
    high: float
    scale: float


class ReadSignal(Signal):
    """A signal of a reading. Every value lies within its ``ends``; ``place`` is its index in the data."""

    ends: tuple[float, float]
    place: int


class Moment(TypedDict):
    """The answer after one token: the token, where in the text it is, the most probable class, its share."""

    word: str
    token: int
    winner: int
    share: float


class Story(TypedDict):
    """Where the answer changed last (before and after), how often it changed, and where it was surest."""

    turns: list[Moment]
    count: int
    surest: Moment


class Squashed(TypedDict, total=False):
    """Whether the head squashes the states, where it does."""

    squashed: bool


class Contributions(Squashed):
    """What of each class's score goes through the memory that each token wrote."""

    by_token: list[list[float]]
    elsewhere: list[float]
    bias: list[float]


class Answers(TypedDict):
    """The probabilities after each token of a window and of the whole text, and which classes win."""

    verdicts: list[list[float]]
    winners: list[int]
    answer: list[float]
    winner: int


class States(TypedDict, total=False):
    """The states before the first word, by signal [layer, direction, unit], where the network learned them."""

    first: dict[str, list[list[list[float]]]]


class Reading(Answers, States):
    """A reading, or a window of it (``rnnviz.page.payload``).

    ``data`` holds int16 numbers [signal, layer, direction, token, unit] in base64, of this ``shape``.
    """

    model: str
    cell: Cell
    memory: str
    tokens: list[str]
    unknown: list[bool]
    unknown_total: int
    turns: list[bool]
    labels: list[str]
    story: Story
    start: int
    size: int
    read: int
    total: int
    windowed: bool
    order: list[list[list[int]]]
    signals: list[ReadSignal]
    shape: Annotated[list[int], Field(min_length=5, max_length=5)]
    data: str
    contributions: Contributions | None
    replay_error: float


class FreeReading(Reading):
    """A reading, and what the network squashes its state with."""

    nonlinearity: str


class HeldReading(FreeReading):
    """A reading in which something was held; ``ghost`` has the answers while nothing is."""

    ghost: Answers


# The cell opened


class Push(TypedDict):
    """What one unit's state adds to a gate's sum."""

    unit: int
    push: float


class GateValue(TypedDict):
    """A gate: its value, the function that makes that of its sum, and whether the value was held."""

    name: str
    symbol: str
    value: float
    squash: str
    held: bool


class PlainGate(GateValue):
    """A gate, the parts of its sum, and the units that push it most (``rnnviz.page.gate_sums``)."""

    from_input: float
    bias: float
    from_hidden: float
    sum: float
    pushes: list[Push]


class ScaledGate(GateValue):
    """The candidate of a GRU: ``reset`` scales ``inner``, which comes from the state."""

    from_input: float
    bias: float
    inner: float
    reset: float
    sum: float
    pushes: list[Push]


class OpenedCell(TypedDict):
    """The sums behind the gates of one unit at one word."""

    token: int
    unit: int
    layer: int
    direction: int
    features: int
    units: int
    gates: list[PlainGate | ScaledGate]


# A network


class Openness(TypedDict):
    """Of each unit's gate, the share of tokens at which it is shut, and open."""

    shut: list[float]
    open: list[float]


class LayerSummary(TypedDict, total=False):
    """What was measured of a layer in one direction, one entry a unit; words are numbers of entries in ``words``."""

    raised_by: list[list[int]]
    lowered_by: list[list[int]]
    half_life: list[float]
    saturation: dict[str, Openness]
    bimodality: list[float | None]
    two_valued: list[int]


class GateClaim(TypedDict):
    """How a gate stands over the training texts: of its values, the shares that are nearly 0, nearly 1, the rest."""

    layer: int
    direction: Direction
    name: str
    shut: float
    open: float
    between: float
    verdict: Verdict


class MasksClaim(TypedDict):
    """What became of "gates act like bit masks" (``rnnviz.analysis.claims``)."""

    gates: list[GateClaim]
    share: float
    verdict: Verdict


class FlagClaim(TypedDict):
    """The unit that is most like a flag, and the words that change it most."""

    layer: int
    direction: Direction
    unit: int
    bimodality: float
    valley: float
    raised_by: list[str]
    lowered_by: list[str]


class FlagsClaim(TypedDict):
    """What became of "the memory is made of flags" (``rnnviz.analysis.claims``)."""

    flags: int
    units: int
    share: float
    verdict: Verdict
    most: FlagClaim


class PaddingExample(TypedDict):
    """A text of which padding changes the class."""

    tokens: int
    padded_to: int
    alone: str
    padded: str


class Score(TypedDict):
    """How often a network is right on a set of texts."""

    accuracy: float
    n: int


class PaddingFacts(TypedDict):
    """Of how many texts padding alone changes the class."""

    changed: int
    n: int
    accuracy_alone: float
    examples: list[PaddingExample]


class Finding(TypedDict):
    """What ``rnnviz.probe`` found of a property; bits where the network tells the next token."""

    property: str
    measure: Literal["AUC", "R²"]
    layer: int
    unit: int
    value: float
    shuffled: float
    untrained: float
    found: bool
    loss: NotRequired[float]
    loss_without: NotRequired[float]


class Card(TypedDict, total=False):
    """A network's model card, as far as its config.json says it: what it learned from which texts, and how well.

    Its texts are the card's own English. ``scores`` has accuracy and texts of each set, by name.
    """

    data: str
    data_licence: str
    weights_licence: str
    notes: list[str]
    seed: int
    texts: int
    epochs: int
    command: str
    scores: dict[str, Score]
    findings: list[Finding]


class About(TypedDict):
    """What is known of a network (``rnnviz.page.about``), as far as it is known."""

    name: str
    title: NotRequired[str]
    weights_sha256: NotRequired[str]
    cell: NotRequired[Cell]
    layers: NotRequired[int]
    directions: NotRequired[list[Direction]]
    units: NotRequired[int]
    embedding: NotRequired[int]
    vocabulary: NotRequired[int]
    labels: NotRequired[list[str]]
    pooling: NotRequired[str]
    squashed: NotRequired[bool]
    reading: NotRequired[str]
    accuracy: NotRequired[float]
    tested: NotRequired[int]
    padding: NotRequired[PaddingFacts]
    card: NotRequired[Card]
    places: NotRequired[list[dict[Direction, LayerSummary]]]
    words: NotRequired[list[str]]
    masks: NotRequired[MasksClaim]
    flags: NotRequired[FlagsClaim]


# Readings of several networks, or of one text several times


class EmptySide(TypedDict):
    """Which of two texts has no words."""

    empty: Literal["one", "other"]


class Comparison(TypedDict):
    """Two readings, and their positions side by side: null where one has no such word."""

    one: Reading
    other: Reading
    pairs: list[Annotated[list[int | None], Field(min_length=2, max_length=2)]]


class Families(TypedDict):
    """The families of networks that there are."""

    families: list[str]


class FamiliesEmpty(Families):
    """The text has no words."""

    empty: Literal[True]


class NetworkReach(TypedDict):
    """How far back one network of a family reaches."""

    cell: Cell
    model: str
    norms: list[float]
    answer: list[float]
    winner: int


class Reach(Families):
    """How far back the networks of a family reach (``rnnviz.page.reach``)."""

    family: str
    tokens: list[str]
    total: int
    unknown: int
    labels: list[str]
    scored: int
    units: int
    networks: list[NetworkReach]


class Measure(TypedDict):
    """One measure of what each word gives to a score: score = baseline + Σ parts + residual."""

    method: Method
    parts: list[float]
    baseline: float
    residual: float


class Attributions(TypedDict):
    """What each word gives to the score of a class (``rnnviz.page.attribution``)."""

    model: str
    tokens: list[str]
    total: int
    labels: list[str]
    scored: int
    score: float
    steps: int
    measures: list[Measure]


class NoNetwork(TypedDict):
    """No network here reads padded, and forward only."""


class Alone(TypedDict):
    """The end of a text that was read without padding."""

    verdict: list[float]
    winner: int
    states: list[float]


class Drift(TypedDict):
    """What padding does to a text (``rnnviz.page.drift``)."""

    model: str
    tokens: list[str]
    padded_to: int
    labels: list[str]
    verdicts: list[list[float]]
    winners: list[int]
    units: list[int]
    states: list[list[float]]
    low: float
    high: float
    alone: Alone
    accuracy: NotRequired[float]
    padding: NotRequired[PaddingFacts]


# A corpus


class Corpus(TypedDict):
    """What there is to search: the hidden states of the top layer after each of so many tokens.

    It is known at which ``thresholds`` each of them is beyond that. Units of the backward direction follow the forward
    ones.
    """

    name: str
    texts: int
    tokens: int
    thresholds: list[float]


class CorpusTold(TypedDict):
    """What there is to search, where nothing was asked of it; null where nothing is."""

    corpus: Corpus | None


class Hit(TypedDict):
    """A stretch of a text of the corpus (``rnnviz.corpus.Hit``); ``units`` are the matched ones, without their signs.

    ``tokens`` are those of the stretch and around it, the ``first`` of them counted from the beginning of the text,
    which has ``more`` of them or ends there; ``start`` and ``stop`` are of the whole text too. ``whole`` is the text,
    where the page can read as far as this.
    """

    text: int
    tokens: list[str]
    first: int
    more: bool
    start: int
    stop: int
    units: list[int]
    bits: float
    label: str | None
    answer: str | None
    probability: float
    whole: str | None


class LabelShare(TypedDict):
    """Texts of a label: those with a hit, and all."""

    label: str
    texts: int
    all: int


class FoundHits(TypedDict):
    """Where else in a corpus the network does the same (``rnnviz.corpus.Found``), the best first."""

    corpus: Corpus
    hits: list[Hit]
    total: int
    texts: int
    least: int
    labels: list[LabelShare]
    seconds: float


class Points(TypedDict):
    """States of a corpus in a plane, in each list one entry a state.

    Where it lies; after which token (``place``) of which text; what is read there, the text's beginning or the tokens
    up to this one; its text's class among ``Plane.classes``, -1 where it has none.
    """

    across: list[float]
    up: list[float]
    text: list[int]
    place: list[int]
    said: list[str]
    label: list[int]


class Plane(TypedDict):
    """A plane through the states of a corpus (``rnnviz.corpus.Projection``).

    A state h lies at ``axes`` · h + ``offsets``. ``answer`` is the index of the one to which the first axis leads; null
    where none does, for the reason ``unread``. Texts are of ``classes`` by their labels or, without any, by the
    network's answers; of a network that tells the next token, of none.
    """

    corpus: Corpus
    axes: list[list[float]]
    offsets: list[float]
    shares: list[float]
    answer: int | None
    unread: Literal["next", "both_ways", "pooling", "head"] | None
    classes: list[str]
    by: Literal["label", "answer"] | None
    points: Points


class CorpusText(TypedDict):
    """A text of a corpus, where the page can read as far as it was asked to."""

    text: int
    whole: str | None


class GroupStability(TypedDict):
    """How surely so many groups come back, beside shuffled matrices (``rnnviz.corpus.Stability``)."""

    groups: int
    units: float
    units_shuffled: float
    units_limit: float
    words: float
    words_shuffled: float
    holds: bool


class FoundGroups(TypedDict):
    """Groups of units and words, or none (``rnnviz.corpus.Groups``)."""

    units: list[int]
    silent: list[int]
    words: list[str]
    counts: list[int]
    responses: list[list[float]]
    groups: int
    unit_groups: list[int]
    word_groups: list[int]
    stability: list[GroupStability]


class GroupsTold(TypedDict):
    """The groups in a corpus; null where they were not looked for, both where there is no corpus."""

    corpus: Corpus | None
    found: FoundGroups | None


class SliceCount(TypedDict):
    """How often a network is right about some texts of a corpus (``rnnviz.corpus.Slice``)."""

    name: str
    texts: int
    labelled: int
    right: int
    low: float
    high: float


class CorpusSlices(TypedDict):
    """Slices of a corpus, those with the most errors first; one of them has all texts."""

    corpus: Corpus
    slices: list[SliceCount]


class SlicedText(TypedDict):
    """A text of a slice: its beginning, its class, the answer with its probability.

    ``whole`` is the text, where the page reads all of it.
    """

    text: int
    said: str
    label: str | None
    answer: str
    probability: float
    whole: str | None


class ChosenSlice(TypedDict):
    """One slice of a corpus: its confusion matrix, a row a class, and its first texts, errors first."""

    corpus: Corpus
    slice: SliceCount
    answers: list[str]
    confusion: list[list[int]]
    texts: list[SlicedText]


# Files, sentences, a batch


class Download(TypedDict):
    """A file: its media type, its bytes in base64."""

    type: str
    data: str


class Shell(TypedDict):
    """A file that needs no server; the reading goes in the place of the text ``place``."""

    shell: str
    place: str


class Forms(TypedDict, total=False):
    """A sentence with a number in it, in its forms by the plural rules of the language."""

    zero: str
    one: str
    two: str
    few: str
    many: str
    other: Required[str]


Sentences = dict[str, str | Forms]
"""All sentences of the page by their keys."""


class Texts(TypedDict):
    """The sentences of a batch. Fewer than two have no layout."""

    texts: list[list[str]]
    cut_texts: bool
    cut_tokens: int


class Batch(Texts):
    """A batch of sentences, and how it is laid out."""

    batch_sizes: list[int]
    rows: tuple[tuple[int, ...], ...]
    steps_padded: int
    steps_packed: int
    saved: float


# Training


class Curve(TypedDict):
    """The points of a training's curve, each quantity for itself."""

    step: list[int]
    epoch: list[int]
    fraction: list[float]
    loss: list[float]
    accuracy: list[float]
    learning_rate: list[float]


class Picture(TypedDict):
    """The watched sentence as it is read now; ``data`` holds int16 numbers [token, unit] in base64."""

    tokens: list[str]
    unknown: list[bool]
    labels: list[str]
    verdicts: list[list[float]]
    winner: int
    signal: Signal
    shape: Annotated[list[int], Field(min_length=2, max_length=2)]
    data: str


class HeldOutTexts(TypedDict):
    """The texts set aside: how many, how many of them were also learned, the commonest class's share."""

    texts: int
    seen: int
    chance: float


class HeldOut(HeldOutTexts):
    """How often a network is right on texts set aside."""

    accuracy: float


class Progress(TypedDict):
    """How a training stands, but for its place in line; of one that failed, also the objection."""

    state: State
    seconds: float
    seq: int
    cut: bool
    held_out: HeldOut | None
    curve: NotRequired[Curve]
    watch: NotRequired[Picture | None]
    reach: NotRequired[list[float] | None]
    error: NotRequired[str]
    values: NotRequired[dict[str, bool | int | float | str]]
    message: NotRequired[str]


class Standing(Progress):
    """How a training stands; ``place`` in line is 1 for the next, 0 when it is out of it."""

    place: int


class Ticket(Standing):
    """How a training stands that was put in line; all other questions about it need the ticket."""

    ticket: str


class PartTaken(TypedDict):
    """How many parts of a file have come."""

    ticket: str
    parts: int


class Table(TypedDict):
    """What a visitor's file holds, which can be trained on by its ticket; ``found`` says how it is written."""

    ticket: str
    rows: int
    classes: list[str]
    columns: list[str]
    preview: list[list[str]]
    found: dict[str, str]
    remarks: list[Objection]


class OwnText(TypedDict):
    """A text of a visitor's file: its class and the answer, by their numbers, and how sure the answer is."""

    text: str
    label: int
    answer: int
    share: float


class Statistics(TypedDict):
    """How often a network is right on a visitor's texts (``rnnviz.page.own_texts``)."""

    labels: list[str]
    total: int
    read: int
    left_out: int
    unmatched: list[str]
    by: Matched
    right: int
    accuracy: float
    low: float
    high: float
    confusion: list[list[int]]
    texts: list[OwnText]


class BadTable(Objection):
    """What is wrong with a visitor's file, which can be read again by its ticket."""

    ticket: str
    columns: list[str]
    preview: list[list[str]]


# A class answers


class Room(TypedDict):
    """A room: its ``key`` for all who answer, the ``owner`` pass for whoever opened it."""

    key: str
    owner: str


class Counts(TypedDict):
    """How often each answer was ``given`` in a room, which is open for so many ``seconds`` more.

    ``is_first`` is false for an answer that was not counted, since its pass had answered before.
    """

    given: list[tuple[int, int]]
    seconds: int
    is_first: bool
