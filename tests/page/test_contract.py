"""The types of the browser, in TypeScript."""

from pathlib import Path

from rnnviz.page import contract

CONTRACT = Path(__file__).parents[2] / "web" / "src" / "client" / "contract.ts"


def test_the_types_of_the_browser_are_those_of_today():
    """If this fails: python -m rnnviz.page.contract > web/src/client/contract.ts"""
    assert CONTRACT.read_text(encoding="utf-8") == contract.typescript()


def test_every_type_that_is_named_is_declared_once():
    lines = contract.typescript().splitlines()
    declared = [line.split()[2] for line in lines if line.startswith("export")]
    assert len(set(declared)) == len(declared)
    assert "Questions" in declared
    assert "WrongType" not in declared  # of Python's side alone
    assert max(map(len, lines)) <= 120


def test_what_a_reply_adds_to_another_is_said_of_that_one():
    types = contract.typescript()
    assert "export interface Ticket extends Standing {\n  ticket: string;\n}\n" in types
    assert '  places?: Partial<Record<"forward" | "backward", LayerSummary>>[];\n' in types


def test_every_part_of_a_reply_has_a_type():
    assert "Record<string, unknown>" not in contract.typescript()
