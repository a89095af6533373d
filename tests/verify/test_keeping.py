"""Verifications are kept whole, read back as they were, and damage is named."""

import json
import math
from dataclasses import replace

import pytest

from tests.verify.page.conftest import finding
from verify import keeping
from verify.claims import select
from verify.keeping import Damage, KeptFinding, keep, kept, latest
from verify.scale import Scale
from verify.verdict import Verdict

CLAIMS = select(("clt", "growth"))


def kept_one(folder, **more):
    return keep(folder, [finding(c, **more) for c in CLAIMS], Scale.QUICK, 3, 2.0)


def test_what_was_kept_is_read_back(tmp_path):
    finder = finding(CLAIMS[0])
    odd = replace(finder.rows[0], measured=math.nan, refuted_below=math.inf)
    keep(tmp_path, [replace(finder, rows=(odd, *finder.rows))], Scale.PAPER, 7, 2.0)
    (found,), damaged = kept(tmp_path)
    assert not damaged
    assert (found.scale, found.seed, found.seconds, found.is_current) == (Scale.PAPER, 7, 2.0, True)
    back = found.findings["clt"]
    assert isinstance(back, KeptFinding)
    assert back.cells[1:] == finder.rows
    assert math.isnan(back.cells[0].measured)
    assert back.controls == finder.controls
    assert (back.sentence, back.rule, back.verdict) == (
        CLAIMS[0].sentence,
        CLAIMS[0].rule,
        finder.verdict,
    )


def test_the_same_verification_has_one_file(tmp_path):
    assert kept_one(tmp_path) == kept_one(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_killed_writer_leaves_the_earlier_file(tmp_path, monkeypatch):
    path = kept_one(tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(OSError, match="disk full"):
        kept_one(tmp_path, count=5)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[: len(text) // 2], "is not JSON"),
        (lambda text: "", "is not JSON"),
        (lambda text: "[]", "list"),
        (lambda text: "{}", "'verification' is missing"),
        (lambda text: text.replace('"supported"', '"violated"', 1), "checksum"),
        (lambda text: "\udcff", "is not JSON"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, damage, reason):
    path = kept_one(tmp_path)
    path.write_bytes(damage(path.read_text()).encode(errors="surrogateescape"))
    found, (damaged,) = kept(tmp_path)
    assert not found
    assert path.name in str(damaged)
    assert reason in str(damaged)


def test_one_damaged_claim_leaves_the_others(tmp_path):
    path = kept_one(tmp_path)
    content = json.loads(path.read_text())["verification"]
    del content["findings"][0]["cells"]
    content["findings"][1]["verdict"] = "splendid"
    path.write_text(json.dumps({"seal": keeping._seal(content), "verification": content}))
    (found,), _ = kept(tmp_path)
    first, second = found.findings.values()
    assert first == Damage("clt", "'cells' is missing")
    assert isinstance(second, Damage)
    assert not found.covers(["clt"])


def test_the_present_code_goes_first_then_the_most_claims(tmp_path, monkeypatch):
    both = kept_one(tmp_path)
    keep(tmp_path, [finding(CLAIMS[0])], Scale.QUICK, 3, 1.0)
    names = [c.name for c in CLAIMS]
    found, _ = kept(tmp_path)
    assert set(latest(found, Scale.QUICK, 3, names).findings) == set(names)
    assert latest(found, Scale.QUICK, 4, names) is None
    assert latest(found, Scale.PAPER, 3, names) is None
    both.unlink()
    monkeypatch.setattr(keeping, "code", lambda: "other")
    kept_one(tmp_path)
    found, _ = kept(tmp_path)
    assert latest(found, Scale.QUICK, 3, names).code == "other"


def test_a_violation_is_seen(tmp_path):
    kept_one(tmp_path, verdict=Verdict.VIOLATED)
    assert kept(tmp_path)[0][0].is_violated
