"""The colours of the page and the figures: one law, text that can be read, kinds that every eye tells apart."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from rnnviz import colours
from rnnviz.figures import stacks, style
from rnnviz.page import assets

SCRIPT = (Path(__file__).parents[2] / "web" / "src" / "model" / "colours.ts").read_text(encoding="utf-8")
THEMES = ("light", "dark")
READABLE, SEEN = 4.5, 3  # WCAG 2.2, 1.4.3 and 1.4.11

# Machado, Oliveira and Fernandes 2009, table 1, severity 1: what is left of linear red, green and blue.
EYES = {
    "usual": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1, 1.08883])


def linear(colour: str) -> np.ndarray:
    shares = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, eye: str) -> np.ndarray:
    """Where a colour lies in CIE L*a*b*, as an eye sees it."""
    seen = TO_XYZ @ np.clip(EYES[eye] @ linear(colour), 0, 1) / WHITE
    root = np.where(seen > 216 / 24389, np.cbrt(seen), (24389 / 27 * seen + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def nearest(found: list[str], eye: str) -> float:
    """The smallest difference (CIE 1976) between two of some colours. About 2.3 is just seen."""
    return min(float(np.linalg.norm(lab(a, eye) - lab(b, eye))) for a, b in itertools.combinations(found, 2))


def variables(theme: str) -> dict[str, str]:
    """The colours of the style sheets, by name; a dark page overwrites the light ones."""
    wanted = [".rv {"] if theme == "light" else [".rv {", ".dark .rv {"]
    rules = [body for start in wanted for body in re.findall(rf"(?m)^{re.escape(start)}([^}}]*)", assets.style())]
    return {name: colour for body in rules for name, colour in re.findall(r"--rv-([\w-]+): (#[0-9a-f]{6})", body)}


def listed(name: str, theme: str) -> list[str]:
    """A list of colours that stands in the script under a theme and a name, or the other way round."""
    after = SCRIPT[SCRIPT.index(f"{theme}: {{") if name in ("signed", "gate") else SCRIPT.index("CLASS_COLOURS") :]
    key = name if name in ("signed", "gate") else theme
    return re.findall(r"#[0-9a-f]{6}", re.search(rf"{key}: \[([^\]]*)\]", after)[1])


def test_the_page_and_the_figures_have_one_law() -> None:
    assert listed("signed", "light") == [colour for _, colour in colours.DIVERGING]
    assert listed("gate", "light") == [colour for _, colour in colours.SEQUENTIAL]
    assert listed("classes", "light") == style.CLASSES
    assert len(listed("classes", "dark")) == len(style.CLASSES)
    ways = variables("light")
    assert [colour for _, colour in stacks.DIRECTIONS.values()] == [ways["way-0"], ways["way-1"]]
    law = re.search(r'> (0\.\d+) \? "(#\w+)" : "(#\w+)"', SCRIPT)
    on_white, on_black = colours.ink_on("#ffffff"), colours.ink_on("#000000")
    assert law.groups() == ("0.179", on_white, on_black)


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    found = variables(theme)
    for ink, ground in itertools.product(("ink", "muted", "accent", "way-0", "way-1"), ("surface", "soft")):
        assert contrast(found[ink], found[ground]) >= READABLE, (ink, ground)
    assert contrast(found["on-accent"], found["accent"]) >= READABLE
    for mark in ("mark-0", "mark-1", "mark-2"):
        assert contrast(found[mark], found["surface"]) >= READABLE, mark


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scale", ["signed", "gate"])
def test_a_number_can_be_read_on_every_value_of_a_scale(scale: str, theme: str) -> None:
    stops = np.array([[int(stop[place : place + 2], 16) for place in (1, 3, 5)] for stop in listed(scale, theme)])
    places = np.linspace(0, len(stops) - 1, 501)
    mixed = [np.interp(places, range(len(stops)), stops[:, channel]).round().astype(int) for channel in range(3)]
    for red, green, blue in zip(*mixed, strict=True):
        ground = f"#{red:02x}{green:02x}{blue:02x}"
        assert contrast(colours.ink_on(ground), ground) >= READABLE, ground


@pytest.mark.parametrize("theme", THEMES)
def test_the_bars_of_the_classes_are_seen_on_the_page(theme: str) -> None:
    for colour in [*listed("classes", theme), "#8a94a3"]:
        assert contrast(colour, variables(theme)["surface"]) >= SEEN, colour


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_every_eye_tells_apart_what_colours_tell_apart(eye: str, theme: str) -> None:
    found, classes = variables(theme), listed("classes", theme)
    for count, least in ((2, 40), (4, 28), (8, 20)):  # the fewer classes, the further apart
        assert nearest(classes[:count], eye) >= least
    signed = listed("signed", theme)
    assert nearest([signed[0], signed[-1]], eye) >= 60
    assert nearest([signed[1], signed[-2]], eye) >= 60
    assert nearest([found["way-0"], found["way-1"]], eye) >= 60
    assert nearest([found[f"mark-{place}"] for place in range(3)], eye) >= 20  # and each has a shape
    grey = [*classes[:7], "#8a94a3"]
    assert nearest(grey, eye) >= 8  # where there are more classes than colours; the list names it
