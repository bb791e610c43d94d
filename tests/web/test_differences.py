"""What the receipt says of a network's readings in the browser holds for sentences that were not measured."""

import json
import random

import pytest

from rnnviz.checkpoint.folder import load
from rnnviz.page.network_files import DIFFERENCES
from tests.shipped import FOLDER, NAMES
from tests.web.differences import LONGEST, difference
from tests.web.texts import sentence

SLACK = 3
"""Of 20 new sentences, one may lie beyond the largest of 1,000; never by so much."""


@pytest.mark.parametrize("name", NAMES)
def test_no_other_sentence_is_much_further_from_pytorch_than_the_receipt_says(engine, name):
    source = random.Random(f"not measured: {name}")
    checkpoint = load(FOLDER / name)
    weights = json.loads((FOLDER / name / "config.json").read_text(encoding="utf-8"))["weights_sha256"]
    said = json.loads(DIFFERENCES.read_text(encoding="utf-8"))[weights]
    texts = [sentence(checkpoint.vocabulary, source.randint(1, LONGEST), source) for _ in range(20)]
    assert max(difference(engine, checkpoint, FOLDER / name, text) for text in texts) <= SLACK * said
