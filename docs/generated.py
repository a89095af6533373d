"""Pages made of what exists as data: theory, figures, templates, public names."""

from __future__ import annotations

import inspect
import json
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import bounds
from bounds.facts import FACTS
from paper_figures.catalogue import catalogue
from verify.claims import claims
from verify.page.dependencies import dependencies_section, resting_on
from verify.page.proofs import shown_proof, works
from verify.page.rendering import rendered
from verify.verdict import Verdict

__all__ = ["PUBLIC", "public_names", "write"]

ROOT = Path(__file__).parents[1]
MADE = ROOT / "docs" / "made"
PUBLIC = (
    *("bounds", "bounds.cycles", "bounds.strategies"),
    *("empirics", "empirics.targets", "empirics.models", "empirics.distances", "empirics.sweeps"),
    "verify",
)
"""Packages whose ``__all__`` is what users may rely on."""


def write(figures: Path | None) -> None:
    """Write all generated pages anew.

    Args:
        figures: folder that ``python -m paper_figures`` has written; ``None`` for no pictures.
    """
    shutil.rmtree(MADE, ignore_errors=True)
    for folder in ("theory", "reference", "howto", "gallery"):
        (MADE / folder).mkdir(parents=True)
    _theory()
    _reference()
    _howto()
    _gallery(figures)
    _claims()


def _page(path: str, *parts: str) -> None:
    (MADE / path).write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _raw(markup: str) -> str:
    return f"````{{raw}} html\n{markup}\n````"


def _tree(*entries: str, hidden: bool = True) -> str:
    options = ":hidden:\n" if hidden else ":maxdepth: 1\n"
    return "```{toctree}\n" + options + "\n" + "\n".join(entries) + "\n```"


# Theory


def _theory() -> None:
    listed = dict(bounds.catalogue())
    proofs = {name: shown_proof(bound, listed) for name, bound in listed.items()}
    graph = _elsewhere(dependencies_section(listed).html)
    table = [
        f"| [`{name}`]({name}.md) | {bound.title} | {bound.side} | {bound.source.evidence} |"
        for name, bound in listed.items()
    ]
    _page(
        "theory/index.md",
        "# Theory",
        f"{len(listed)} bounds, each one symbolic expression. Its number, its formula here, its"
        " LaTeX and the script that draws it in the report are made of that expression; what a"
        " machine checks of its proof is checked by the tests.",
        "| name | what | side | evidence |\n| --- | --- | --- | --- |\n" + "\n".join(table),
        _raw(graph),
        _tree(*listed, "facts"),
    )
    for name, bound in listed.items():
        whole = rendered("catalogue.html", bounds=[bound], proofs=proofs)
        inside = whole[whole.index("<details class=") : whole.rindex("</section>")]
        below = ", ".join(f"[`{n}`]({n}.md)" for n in resting_on(listed)[name])
        _page(
            f"theory/{name}.md",
            f"# {bound.title}",
            _raw(_elsewhere(inside.replace("<details", "<details open"))),
            f"Its proof rests on {below}." if below else "Its proof rests on no other bound.",
            f"In Python: `bounds.get({name!r})`; as a command: `python -m bounds show {name}`.",
        )
    facts = rendered(
        "facts.html", facts=list(FACTS.values()), works=works(filter(None, proofs.values()))
    )
    _page("theory/facts.md", "# Facts and works", _raw(_elsewhere(facts)))


def _elsewhere(markup: str) -> str:
    """Links within the report's one page, as links between the pages of the site."""
    markup = re.sub(r'href="#bound-([\w-]+)"', r'href="\1.html"', markup)
    markup = re.sub(r'href="#graph-([\w-]+)"', r'href="index.html#graph-\1"', markup)
    return re.sub(r'href="#((?:fact|work)-[\w-]+|facts)"', _fact, markup)


def _fact(found: re.Match[str]) -> str:
    place = found.group(1)
    return 'href="facts.html"' if place == "facts" else f'href="facts.html#{place}"'


# Reference


def public_names() -> Iterator[tuple[str, str]]:
    """Every public package with each of its public names, but for names of packages."""
    for package in PUBLIC:
        module = import_module(package)
        for name in module.__all__:
            if name != "__version__" and not inspect.ismodule(getattr(module, name)):
                yield package, name


def _reference() -> None:
    seen: set[int] = set()
    for package in PUBLIC:
        entries = [_entry(package, name, seen) for p, name in public_names() if p == package]
        about = inspect.getdoc(import_module(package)) or ""
        _page(
            f"reference/{package}.md",
            f"# `{package}`",
            "```{eval-rst}\n" + about + "\n```",
            "```{eval-rst}\n" + "\n".join(entries) + "\n```",
        )
    _page(
        "reference/index.md",
        "# Reference",
        "The public names, from their docstrings. What is not here may change without notice.",
        _tree(*PUBLIC, hidden=False),
    )


def _entry(package: str, name: str, seen: set[int]) -> str:
    """A name; one that another package offers too is indexed where it comes first."""
    found = getattr(import_module(package), name)
    again = "   :no-index:\n" if id(found) in seen else ""
    seen.add(id(found))
    if inspect.isclass(found):
        kind, options = "class", "   :members:\n"
    elif callable(found):
        kind, options = "function", ""
    else:
        kind, options = "data", ""
    return f".. auto{kind}:: {package}.{name}\n{options}{again}"


# How to


def _howto() -> None:
    homes = sorted(ROOT.glob("*/*/TEMPLATE.md"))
    entries = []
    for home in homes:
        entry = home.parent.name
        entries.append(entry)
        text = home.read_text(encoding="utf-8")
        _page(f"howto/{entry}.md", text.strip())
    _page(
        "howto/index.md",
        "# How to",
        "Each of these is one new file, which is found by looking. The tests follow every page here"
        " to the letter.",
        _tree(*entries, hidden=False),
    )


# Gallery and claims


def _gallery(figures: Path | None) -> None:
    parts = ["# Gallery", "Every figure, with its data, is made by `python -m paper_figures`."]
    for name, figure in catalogue().items():
        parts.append(f"({name.lower()})=\n## {name}: {figure.title}")
        parts += _drawn(name, figures)
        shown = ", ".join(f"[`{claim}`](../claims.md#{claim})" for claim in figure.claims)
        parts.append(f"Claims: {shown}." if shown else "It shows no claim of its own.")
    _page("gallery/index.md", *parts)


def _drawn(name: str, figures: Path | None) -> list[str]:
    """A figure with the words that were written for its numbers."""
    if figures is None or not (figures / f"{name}.png").exists():
        return [f"*Not drawn in this build: `python -m paper_figures {name}` draws it.*"]
    shutil.copy(figures / f"{name}.png", MADE / "gallery")
    told = json.loads((figures / f"{name}.json").read_text(encoding="utf-8"))
    picture = f":::{{image}} {name}.png\n:alt: {_line(told['alt'])}\n:width: 100%\n:::"
    return [picture, _plain(told["caption"])]


def _claims() -> None:
    words = ", ".join(f"*{verdict.value.replace('-', ' ')}*" for verdict in Verdict)
    parts = [
        "# Claims",
        f"{len(claims())} claims, each a sentence with its loops and its false variants;"
        f" `python -m verify` decides all of them together. A verdict is one of {words}.",
    ]
    for name, claim in claims().items():
        parts += [
            f"({name})=\n## {name}",
            _plain(claim.sentence),
            f"Source: {_plain(claim.source)}. Compared: {_plain(claim.statistic)}, of"
            f" {_plain(str(claim.quantifier))}. Must be caught: "
            + ", ".join(control.value for control in claim.controls)
            + ".",
        ]
    _page("claims.md", *parts)


def _line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Words in which no sign is taken for markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~^])", r"\\\1", _line(text))
