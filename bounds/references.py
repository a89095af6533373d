"""What to cite: one BibTeX entry per key of a :class:`bounds.source.Source`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["REFERENCES"]


def _entry(kind: str, key: str, **fields: str) -> tuple[str, str]:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return key, "\n".join([f"@{kind}{{{key},", *lines, "}"])


REFERENCES: Mapping[str, str] = MappingProxyType(
    dict(
        (
            _entry(
                "inproceedings",
                "fu2024",
                author="Fu, Shi and Zhang, Sen and Wang, Yingjie and Tian, Xinmei and Tao, Dacheng",
                title="Towards Theoretical Understandings of Self-Consuming Generative Models",
                booktitle="International Conference on Machine Learning",
                series="Proceedings of Machine Learning Research",
                volume="235",
                pages="14228--14255",
                year="2024",
                note="arXiv:2402.11778",
            ),
            _entry(
                "inproceedings",
                "li2023",
                author="Li, Puheng and Li, Zhong and Zhang, Huishuai and Bian, Jiang",
                title="On the Generalization Properties of Diffusion Models",
                booktitle="Advances in Neural Information Processing Systems",
                year="2023",
            ),
            _entry(
                "misc",
                "barzilai2025",
                author="Barzilai, Daniel and Shamir, Ohad",
                title="When Models Don't Collapse: On the Consistency of Iterative {MLE}",
                year="2025",
            ),
            _entry(
                "misc",
                "seddik2024",
                author="Seddik, Mohamed El Amine and others",
                title="How Bad is Training on Synthetic Data?"
                " A Statistical Analysis of Language Model Collapse",
                year="2024",
                note="arXiv:2404.05090",
            ),
            _entry(
                "misc",
                "kanabar2025",
                author="Kanabar, Millen and Gastpar, Michael",
                title="Model non-collapse: Minimax bounds for recursive discrete distribution"
                " estimation",
                year="2025",
            ),
            _entry(
                "misc",
                "khelifa2026",
                author="Khelifa and Turner and Venkataramanan",
                title="Error Propagation and Model Collapse in Diffusion Models",
                year="2026",
                note="arXiv:2602.16601",
            ),
            _entry(
                "inproceedings",
                "bertrand2024",
                author="Bertrand, Quentin and Bose, Avishek Joey and Duplessis, Alexandre and"
                " Jiralerspong, Marco and Gidel, Gauthier",
                title="On the Stability of Iterative Retraining of Generative Models on their own"
                " Data",
                booktitle="International Conference on Learning Representations",
                year="2024",
            ),
            _entry(
                "misc",
                "gerstgrasser2024",
                author="Gerstgrasser, Matthias and Schaeffer, Rylan and others",
                title="Is Model Collapse Inevitable? Breaking the Curse of Recursion by"
                " Accumulating Real and Synthetic Data",
                year="2024",
                note="arXiv:2404.01413",
            ),
            _entry(
                "misc",
                "briesch2023",
                author="Briesch, Martin and Sobania, Dominik and Rothlauf, Franz",
                title="Large Language Models Suffer From Their Own Output: An Analysis of the"
                " Self-Consuming Training Loop",
                year="2023",
                note="arXiv:2311.16822",
            ),
            _entry(
                "inproceedings",
                "fu2025",
                author="Fu and Wang and Chen and Shen and Tao",
                title="Self-Verification Provably Prevents Model Collapse",
                booktitle="Advances in Neural Information Processing Systems",
                year="2025",
            ),
            _entry(
                "article",
                "waudbysmith2024",
                author="Waudby-Smith, Ian and Ramdas, Aaditya",
                title="Estimating means of bounded random variables by betting",
                journal="Journal of the Royal Statistical Society Series B",
                volume="86",
                number="1",
                pages="1--27",
                year="2024",
            ),
            _entry(
                "misc",
                "project",
                title="Self-consuming loops: proved total-variation bounds and the measured loops"
                " beside them",
                note="This project's theory notes",
            ),
        )
    )
)
"""BibTeX by key; only facts that are certain, so some fields are missing."""
