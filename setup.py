"""The description for a package index: the README, with addresses that hold there too.

A package index shows the README far from the files that it points to. Where the repository is, who
publishes the package says: ``PROJECT_URL=https://... python -m build``; then relative addresses
become ``PROJECT_URL/...``. Without it, links are shown as their words and pictures as their texts.
"""

import os
import re
from pathlib import Path

from setuptools import setup

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)]*)\)")


def description(readme: str, address: str = "") -> str:
    """The README with absolute addresses, or without those that lead nowhere."""

    def elsewhere(found: re.Match[str]) -> str:
        mark, words, path = found.groups()
        if address:
            return f"{mark}[{words}]({address.rstrip('/')}/{path})"
        return f"*Picture in the repository: {words}.*" if mark else words

    return _LINK.sub(elsewhere, readme)


if __name__ == "__main__":
    text = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    setup(
        long_description=description(text, os.environ.get("PROJECT_URL", "")),
        long_description_content_type="text/markdown",
    )
