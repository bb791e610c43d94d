"""What `mkdocs build` needs beside mkdocs.yml: the site's pages that lie outside docs/, its links, and its examples.

Documents are written to be read on GitHub too. So README, CONTRIBUTING, SECURITY and CHANGELOG stay where they are and
become pages of the site here, and a link that leaves docs/ leads to that page, or to the file in the repository. An
image that lies on another host, such as a badge, becomes its text: the site asks no other host for anything.
"""

import ast
import os
import posixpath
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
"""mkdocstrings calls ruff, which lies beside this Python, also where no environment is activated."""
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
}
"""Documents at the top of the repository, and what they are called in the site."""

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(\))")
_IMAGE_ELSEWHERE = re.compile(r"!\[([^\]]*)\]\(https?:[^)]*\)")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that lie at the top of the repository."""
    for name, page in OUTSIDE.items():
        text = _FRONT_MATTER.sub("", (ROOT / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=_relinked(text, name, page)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn the links of a document in docs/ that leave this folder."""
    source = page.file.src_uri
    return markdown if source in OUTSIDE.values() else _relinked(markdown, f"docs/{source}", source)


def _relinked(text: str, document: str, page: str) -> str:
    """The text of a document of the repository, its links as they are right on a page of the site."""

    def relinked(found: re.Match[str]) -> str:
        before, target, place, after = found.groups()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(document), target))
        if target in OUTSIDE:
            inside = OUTSIDE[target]
        elif target.startswith("docs/"):
            inside = target.removeprefix("docs/")
        else:
            return f"{before}{_PROJECT['urls']['Repository']}/blob/main/{target}{place or ''}{after}"
        return f"{before}{posixpath.relpath(inside, posixpath.dirname(page) or '.')}{place or ''}{after}"

    return _LINK.sub(relinked, _IMAGE_ELSEWHERE.sub(r"\1", text))


class Docstrings(griffe.Extension):
    """Two habits of this package that Griffe does not know."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Read `Example:` as the section that Griffe calls `Examples:`."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Take the description of a pydantic field for the docstring of the attribute."""
        if isinstance(attr.value, griffe.ExprCall) and str(attr.value.function) == "Field":
            told = [one.value for one in attr.value.arguments if getattr(one, "name", "") == "description"]
            if told:
                attr.docstring = griffe.Docstring(ast.literal_eval(str(told[0])), parent=attr)
