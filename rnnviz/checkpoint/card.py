"""The model card (README.md of a checkpoint), written from its config.json so that the two always agree."""

import re
from typing import Any

from rnnviz.data.formats import FORMATS

_ENGLISH = ("generated: rnnviz.tasks", *(known.source for name, known in FORMATS.items() if name != "languages"))
"""Sources whose texts are English. Of others nobody has said what they are."""
_MARKUP = re.compile(r"([\\`*_\[\]<>|&])")


def model_card(config: dict[str, Any]) -> str:
    """Write a checkpoint's card in the Hugging Face Hub's form.

    Args:
        config: What config.json holds.
    """
    model, data, training = config["model"], config["data"], config["training"]
    writes, letters = config.get("task") == "next", config.get("tokens") == "letters"
    token = "letter" if letters else "word"
    knows = "knows no letters" if letters else "forgets words"
    english = data["source"].startswith(_ENGLISH)
    directions = "two directions" if model["bidirectional"] else "one direction"
    layers = f"{model['layers']} layer{'s' if model['layers'] > 1 else ''}"
    lines = [
        "---",
        "library_name: rnnviz",
        f"pipeline_tag: {'text-generation' if writes else 'text-classification'}",
        *(["language: en"] if english else []),
        "---",
        "",
        f"# {_literal(config['name'])}",
        "",
        f"{_literal(config['title'] or config['name'])}. "
        f"{'A network that writes' if writes else 'A classifier'} for *looking into* with rnnviz, {token} by {token}.",
        "",
        f"- **Network:** {model['cell'].upper()}, {layers}, {directions}, {model['hidden_size']} units each, embedding "
        f"of {model['embedding_size']}, vocabulary of {model['vocabulary_size']:,} entries, "
        f"pooling: {model['pooling']}, read {model['reading']}.",
        *([] if writes else [f"- **Classes:** {', '.join(_literal(entry['name']) for entry in data['classes'])}."]),
        f"- **Data:** {data['source'] or 'not stated'}. Licence of the data: {data['licence'] or 'not stated'}. "
        "The texts are not part of this checkpoint.",
        f"- **Weights:** {_literal(training.get('licence', 'Apache-2.0'))}, float16.",
        *(f"- {_literal(note)}" for note in training.get("notes", ())),
        *_overlap_lines(training.get("overlap", {}), config["scores"]),
        "",
        *_score_lines(config["scores"]),
        *_finding_lines(training.get("findings")),
        "## How it was made",
        "",
        "\n".join(["```", *filter(None, [training.get("first"), training.get("command", "not recorded")]), "```"]),
        "",
        *(f"- {name}: {value}" for name, value in _facts(training)),
        "",
        "## Limits",
        "",
        f"It reads {'English only' if english else 'only the language of its texts'}, {knows} outside its "
        "vocabulary, and is as narrow as its data. Do not decide anything about people with it.",
        "",
    ]
    return "\n".join(lines)


def _score_lines(scores: dict[str, dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for name, measured in scores.items():
        if "bits" in measured:
            lines += [*_next_lines(name, measured), ""]
            continue
        labels = [_literal(label) for label in measured["labels"]]
        lines += [
            f"## Scores on the {name} set",
            "",
            f"Accuracy **{measured['accuracy']:.2%}** of {measured['n']:,} texts (`rnnviz evaluate`).",
            *_padding_lines(measured),
            *_beginning_lines(measured),
            "",
            f"| class | precision | recall | {' | '.join(f'answered {label}' for label in labels)} |",
            f"|---|---|---|{'---|' * len(labels)}",
        ]
        rows = zip(labels, measured["precision"], measured["recall"], measured["confusion"], strict=True)
        lines += [
            f"| {label} | {precision:.1%} | {recall:.1%} | {' | '.join(f'{count:,}' for count in counts)} |"
            for label, precision, recall, counts in rows
        ]
        lines.append("")
    return lines


def _next_lines(name: str, measured: dict[str, Any]) -> list[str]:
    return [
        f"## Scores on the {name} text",
        "",
        f"**{measured['bits']:.3f} bits** a token; the likeliest token was the right one at {measured['accuracy']:.2%} "
        f"of {measured['n']:,} places.",
    ]


def _finding_lines(stated: object) -> list[str]:
    findings = [one for one in stated if _is_finding(one)] if isinstance(stated, list) else []
    if not findings:
        return []
    lines = [
        "## What single units keep track of",
        "",
        "The unit was chosen on one half of a text that the training did not read, and measured on the other half: AUC "
        "of what is or is not (0.5 says nothing), R² of a number. Beside it: the best unit for labels that were moved "
        "along the text, and of the network before training; bits a letter where there is something to keep track of, "
        "with the unit and with it held at its mean (`rnnviz probe`).",
        "",
        "| property | layer, unit | measure | value | moved labels | untrained | bits, without it | outcome |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in findings:
        lost = [one.get(name) for name in ("loss", "loss_without")]
        bits = ", ".join(f"{value:.3f}" for value in lost if isinstance(value, float))
        values = " | ".join(f"{one[name]:.2f}" for name in ("value", "shuffled", "untrained"))
        outcome = "found" if one["found"] else "not found"
        lines.append(
            f"| {_literal(one['property'])} | {one['layer']}, {one['unit']} | {_literal(one['measure'])} | {values} "
            f"| {bits} | {outcome} |"
        )
    return [*lines, ""]


def _is_finding(one: object) -> bool:
    """Whether it has all that a row shows, each of its kind."""
    kinds = {"property": str, "measure": str, "layer": int, "unit": int, "found": bool}
    kinds |= dict.fromkeys(("value", "shuffled", "untrained"), float)
    return isinstance(one, dict) and all(isinstance(one.get(name), kind) for name, kind in kinds.items())


def _beginning_lines(measured: dict[str, Any]) -> list[str]:
    beginnings = measured.get("beginnings")
    if not beginnings:
        return []
    told = ", ".join(f"{share:.2%} after {letters}" for letters, share in beginnings.items())
    return [
        f"Of the beginnings alone: {told} letters. Expected calibration error, over all of these: "
        f"{measured['calibration_error']:.2%}."
    ]


def _padding_lines(measured: dict[str, Any]) -> list[str]:
    padding = measured.get("padding")
    if not padding:
        return []
    return [
        f"Padding alone changes the class of **{padding['changed']:,}** of {padding['n']:,} texts: each was read "
        "alone, and in its batch of 16 in file order. Read alone, the accuracy is "
        f"**{padding['accuracy_alone']:.2%}**."
    ]


def _overlap_lines(overlap: dict[str, int], scores: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"- **Overlap:** {count:,} of the {scores[name]['n']:,} {_literal(name)} texts are also among the texts "
        "of this training, compared by letters and digits only."
        for name, count in overlap.items()
        if name in scores
    ]


def _facts(training: dict[str, Any]) -> list[tuple[str, Any]]:
    shown = ("seed", "texts", "unlabelled_texts", "teachers", "epochs", "seconds", "data_sha256", "device", "versions")
    return [(name.replace("_", " "), training[name]) for name in shown if name in training]


def _literal(name: str) -> str:
    """A name that nothing in it turns into markup, a table's column or a line of its own."""
    return _MARKUP.sub(r"\\\1", " ".join(name.split()))
