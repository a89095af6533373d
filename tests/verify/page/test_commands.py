"""``python -m verify report``: what it writes, what it computes, and how it ends."""

import pytest

from tests.verify.page.conftest import finding, write_figure
from verify import commands as command
from verify.__main__ import main
from verify.claims import claims
from verify.keeping import keep, kept
from verify.page import write_gallery
from verify.scale import Scale
from verify.verdict import Verdict


@pytest.fixture
def verified(monkeypatch):
    """Names of claims that were verified, instead of verifying them."""
    asked = []

    def verify(chosen, scale, seed, progress, **how):
        asked.append([c.name for c in chosen])
        return [finding(c) for c in chosen]

    monkeypatch.setattr(command, "verify_claims", verify)
    return asked


def run(figures, *more):
    out = figures.parent / "report.html"
    return main(["report", "--out", str(out), "--figures", str(figures), *more]), out


def test_what_is_stored_is_not_verified_again(figures, verified, capsys):
    status, out = run(figures)
    assert status == 0
    assert not verified
    assert out.read_text().startswith("<!doctype html>")
    assert str(out) in capsys.readouterr().out


def test_what_is_not_stored_is_verified_first_and_kept(tmp_path, verified):
    assert run(tmp_path / "none")[0] == 0
    assert verified == [list(claims())]
    assert run(tmp_path / "none")[0] == 0
    assert len(verified) == 1
    assert run(tmp_path / "none", "--seed", "1")[0] == 0
    assert len(verified) == 2


def test_stored_only_verifies_nothing(tmp_path, verified):
    status, out = run(tmp_path / "none", "--stored-only")
    assert status == 0
    assert not verified
    assert "No verification is kept" in out.read_text()


def test_a_violated_claim_exits_1(figures):
    keep(
        figures / "verify",
        [finding(c, Verdict.VIOLATED) for c in claims().values()],
        Scale.QUICK,
        0,
        1.0,
    )
    status, out = run(figures)
    assert status == 1
    assert "violated" in out.read_text()


def test_claims_that_are_tested_are_kept(tmp_path, verified, capsys):
    assert main(["clt", "--figures", str(tmp_path)]) == 0
    (found,), _ = kept(tmp_path / "verify")
    assert list(found.findings) == ["clt"]
    (tmp_path / "file").write_text("")
    assert main(["clt", "--figures", str(tmp_path / "file")]) == 0
    assert "not kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "."], "--out .: must be a file"),
        (["--out", "absent/report.html"], "in a folder that is there"),
        (["--scale", "huge"], "invalid choice: 'huge'"),
        (["--seed", "-1"], "--seed"),
        (["clt"], "unrecognized arguments: clt"),
    ],
)
def test_mistakes_get_one_line_and_status_2(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error


def test_the_gallery_stands_alone(tmp_path):
    for name in ("X10", "X9", "ladder", "R2"):
        write_figure(tmp_path, name)
    text = write_gallery(tmp_path).read_text()
    places = [text.index(f'id="figure-{name}"') for name in ("ladder", "R2", "X9", "X10")]
    assert places == sorted(places)
    assert 'href="#claim-' not in text
    assert "beyond the paper" in text
    assert (tmp_path / "index.html").is_file()
