"""The parts of a figure: parameters, experiments to run, a tidy table made of them, a drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, get_type_hints

import msgspec
import polars as pl
from matplotlib.figure import Figure
from msgspec import Meta

from bounds.errors import did_you_mean
from drawing.table import tidy
from empirics import InputError
from empirics.targets import Target
from verify.scale import Scale

__all__ = [
    "Count",
    "FigureSpec",
    "Generation",
    "Generations",
    "Places",
    "Positive",
    "Replicates",
    "Scale",
    "Share",
    "Sizes",
    "no_experiments",
    "tidy",
]

Count = Annotated[int, Meta(ge=1, le=10**9)]
Generation = Annotated[int, Meta(ge=1, le=100)]
"""One that is shown."""
Generations = Annotated[int, Meta(ge=2, le=100)]
Places = Annotated[int, Meta(ge=2, le=200)]
"""Along an axis."""
Replicates = Annotated[int, Meta(ge=2, le=10**6)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Sizes = Annotated[tuple[Count, ...], Meta(min_length=2)]
"""Through which a slope is fitted."""
_Words = str | Callable[[Any, pl.DataFrame], str]


@dataclass(frozen=True)
class FigureSpec:
    """A figure: its words, the loops behind it, its table and its drawing.

    Args:
        name: its letter in the list of figures, such as ``R7``.
        title: a few words.
        caption: what is seen, with which parameters, and what it says, written from the parameters
            and the table; a text where there are neither loops nor numbers in it.
        alt: the picture in one or two sentences, for readers who cannot see it; likewise.
        paper: whether it shows a claim of the paper, or goes beyond it.
        claims: names of the claims in :mod:`verify.claims` that it shows.
        experiments: the loops to run, by name, from the parameters: experiments, and loops in
            closed form.
        tabulate: the plotted numbers, in the columns of :func:`tidy`, from the results, which are
            :class:`empirics.Result` of experiments and :class:`empirics.runs.Runs` of the others;
            and from the parameters, where there are any. It runs no loop.
        draw: the picture, from these numbers alone.
        scales: the parameters, a frozen dataclass, of the quick and the paper scale.
        keep_laws: of how many runs of every experiment the laws are kept, from the parameters.
    """

    name: str
    title: str
    caption: _Words
    alt: _Words
    paper: bool
    claims: tuple[str, ...]
    experiments: Callable[[Any], Mapping[str, Any]]
    tabulate: Callable[..., pl.DataFrame]
    draw: Callable[[pl.DataFrame], Figure]
    scales: tuple[Any, Any] | None = None
    keep_laws: Callable[[Any], int] = lambda _: 0

    def parameters(self, scale: Scale, changes: Mapping[str, Any] | None = None) -> Any:
        """The parameters of a scale, some of them changed; texts are read as values.

        Raises:
            InputError: no such parameter, or a value of another type or out of range.
        """
        if self.scales is None:
            if changes:
                raise InputError(f"{next(iter(changes))}: figure {self.name} has no parameters")
            return scale
        chosen = self.scales[scale is Scale.PAPER]
        known = [field.name for field in fields(chosen)]
        for name in changes or {}:
            if name not in known:
                raise InputError(
                    f"{name}: figure {self.name} has no such parameter{did_you_mean(name, known)};"
                    f" it has {', '.join(known)}"
                )
        kinds = get_type_hints(type(chosen), include_extras=True)
        read = {name: _read(name, value, kinds[name]) for name, value in (changes or {}).items()}
        for name, value in read.items():
            _check(name, value, getattr(chosen, name))
        return replace(chosen, **read)

    def loops(self, parameters: Any) -> Mapping[str, Any]:
        """The loops of these parameters, or of a scale."""
        chosen = self.parameters(parameters) if isinstance(parameters, Scale) else parameters
        return self.experiments(chosen)

    def table(self, results: Mapping[str, Any], parameters: Any) -> pl.DataFrame:
        """The plotted numbers."""
        if self.scales is None:
            return self.tabulate(results)
        chosen = self.parameters(parameters) if isinstance(parameters, Scale) else parameters
        return self.tabulate(results, chosen)

    def words(self, parameters: Any, table: pl.DataFrame) -> tuple[str, str]:
        """Caption and alternative text, of these parameters and numbers."""
        chosen = self.parameters(parameters) if isinstance(parameters, Scale) else parameters
        caption, alt = (
            text if isinstance(text, str) else text(chosen, table)
            for text in (self.caption, self.alt)
        )
        return caption, alt


def _read(name: str, value: Any, kind: Any) -> Any:
    """A value of the parameter's type, from text where it was typed."""
    plain = kind
    while hasattr(plain, "__origin__"):
        plain = plain.__origin__
    if isinstance(value, str) and plain is tuple:
        value = [part for part in value.split(",") if part]
    if isinstance(plain, type) and isinstance(value, plain) and plain not in (int, float, tuple):
        return value
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, TypeError) as error:
        why = str(error).splitlines()[0].replace("`", "")
        raise InputError(f"{name} = {value!r}: {why[:1].lower()}{why[1:]}") from None


def _check(name: str, value: Any, own: Any) -> None:
    """Refuse what no type excludes: a list of nothing, a target of another dimension."""
    if value == ():
        raise InputError(f"{name} = (): must have at least one value")
    if not isinstance(own, Target):
        return
    if value.dimension != own.dimension:
        raise InputError(
            f"{name} = {value!r}: has {value.dimension} dimensions, must have {own.dimension}"
        )
    if not value.has_density:
        raise InputError(
            f"{name} = {value!r}: is known by its points; must have a density, from which the"
            " figure's bounds are computed"
        )


def no_experiments(scale: Any) -> Mapping[str, Any]:
    """For figures of theory alone."""
    del scale
    return {}
