"""Build the site: ``python docs/build.py [--small] [--out FOLDER]``.

Figures are made (or taken from an earlier build's store), pages are generated, tutorials executed,
warnings are errors, and every link between pages is followed. ``--small`` makes three figures
instead of all.
"""

import argparse
import os
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generated
from sphinx.cmd.build import build_main

from paper_figures.__main__ import main as make_figures

SMALL = ("R2", "R3", "ladder")


class _Page(HTMLParser):
    """Places of a page, and where it leads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.places, self.leads = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        self.places |= {found[name] for name in ("id", "name") if found.get(name)}
        self.leads += [(tag, found[name]) for name in ("href", "src") if found.get(name)]


def broken(out: Path) -> list[str]:
    """Links of built pages that lead nowhere, and what a page would ask of elsewhere."""
    pages = {path.resolve(): _Page(path) for path in out.rglob("*.html")}
    return [
        f"{path.name}: {wrong}"
        for path, page in pages.items()
        for tag, address in page.leads
        if (wrong := _wrong(path, tag, address, pages))
    ]


def _wrong(path: Path, tag: str, address: str, pages: dict[Path, _Page]) -> str:
    parts = urlsplit(address)
    if parts.scheme in ("data", "mailto"):
        return ""
    if parts.scheme or parts.netloc:
        return "" if tag == "a" else f"<{tag}> loads {address}"
    there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not there.exists():
        return f"{address} is not there"
    place = unquote(parts.fragment)
    missing = place and there in pages and place not in pages[there].places
    return f"{address} has no such place" if missing else ""


def main() -> int:
    """Build, check, and tell how large and how fast."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("--small", action="store_true", help="three figures instead of all")
    parser.add_argument("--out", type=Path, default=HERE / "_build" / "html")
    given = parser.parse_args()
    # Notebooks run in processes of their own, which find the project as this one does.
    os.environ["PYTHONPATH"] = str(HERE.parent)
    start, figures = time.perf_counter(), HERE / "_build" / "figures"
    names = SMALL if given.small else ()
    if make_figures([*names, "--out", str(figures)]):
        return 1
    generated.write(figures)
    doctrees = str(HERE / "_build" / "doctrees")
    if build_main(["-W", "--keep-going", "-E", "-q", "-d", doctrees, str(HERE), str(given.out)]):
        return 1
    wrong = broken(given.out)
    size = sum(path.stat().st_size for path in given.out.rglob("*") if path.is_file())
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    sys.stdout.write(
        f"{len(list(given.out.rglob('*.html')))} pages, {size / 1e6:.1f} MB,"
        f" {time.perf_counter() - start:.0f} s: {given.out}\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
