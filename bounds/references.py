"""The works to cite: one BibTeX entry per key of a :class:`bounds.statement.Source`."""

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
                note="arXiv:2505.19046",
            ),
            _entry(
                "misc",
                "seddik2024",
                author="Seddik, Mohamed El Amine and Chen, Suei-Wen and Hayou, Soufiane and"
                " Youssef, Pierre and Debbah, Merouane",
                title="How Bad is Training on Synthetic Data?"
                " A Statistical Analysis of Language Model Collapse",
                year="2024",
                note="arXiv:2404.05090",
            ),
            _entry(
                "inproceedings",
                "aithal2024",
                author="Aithal, Sumukh K. and Maini, Pratyush and Lipton, Zachary C. and Kolter, J."
                " Zico",
                title="Understanding Hallucinations in Diffusion Models through Mode Interpolation",
                booktitle="Advances in Neural Information Processing Systems",
                year="2024",
                note="arXiv:2406.09358",
            ),
            _entry(
                "article",
                "he2025",
                author="He, Hengzhi and Xu, Shirong and Cheng, Guang",
                title="Recursive Learning Without Collapse: A Weighting-Based Stabilization"
                " Framework",
                journal="Journal of the Royal Statistical Society Series B",
                year="2026",
                doi="10.1093/jrsssb/qkag099",
                note="arXiv:2502.18049",
            ),
            _entry(
                "inproceedings",
                "suresh2024",
                author="Suresh, Ananda Theertha and Thangaraj, Andrew and Khandavally, Aditya Nanda"
                " Kishore",
                title="Rate of Model Collapse in Recursive Training",
                booktitle="International Conference on Artificial Intelligence and Statistics",
                series="Proceedings of Machine Learning Research",
                volume="258",
                pages="1396--1404",
                year="2025",
                note="arXiv:2412.17646",
            ),
            _entry(
                "misc",
                "wang2026",
                author="Wang, Kevin and Niu, Hongqian and Li, Didong",
                title="Can Generative Artificial Intelligence Survive Data Contamination?"
                " Theoretical Guarantees under Contaminated Recursive Training",
                year="2026",
                note="arXiv:2602.16065",
            ),
            _entry(
                "misc",
                "kanabar2025",
                author="Kanabar, Millen and Gastpar, Michael",
                title="Model non-collapse: Minimax bounds for recursive discrete distribution"
                " estimation",
                year="2025",
                note="arXiv:2501.19273",
            ),
            _entry(
                "misc",
                "khelifa2026",
                author="Khelifa, Nail B. and Turner, Richard E. and Venkataramanan, Ramji",
                title="Quantifying Error Propagation and Model Collapse in Diffusion Models",
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
                author="Fu, Shi and Wang, Yingjie and Chen, Yuzhu and Shen, Li and Tao, Dacheng",
                title="Self-Verification Provably Prevents Model Collapse in Recursive Synthetic"
                " Training",
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
                "book",
                "devroye2001",
                author="Devroye, Luc and Lugosi, G{\\'a}bor",
                title="Combinatorial Methods in Density Estimation",
                publisher="Springer",
                year="2001",
            ),
            _entry(
                "book",
                "levin2009",
                author="Levin, David A. and Peres, Yuval and Wilmer, Elizabeth L.",
                title="Markov Chains and Mixing Times",
                publisher="American Mathematical Society",
                year="2009",
            ),
            _entry(
                "book",
                "cover2006",
                author="Cover, Thomas M. and Thomas, Joy A.",
                title="Elements of Information Theory",
                publisher="Wiley",
                year="2006",
            ),
            _entry(
                "book",
                "tsybakov2009",
                author="Tsybakov, Alexandre B.",
                title="Introduction to Nonparametric Estimation",
                publisher="Springer",
                year="2009",
            ),
            _entry(
                "article",
                "bretagnolle1979",
                author="Bretagnolle, Jean and Huber, Catherine",
                title="Estimation des densit{\\'e}s: risque minimax",
                journal='Zeitschrift f{\\"u}r Wahrscheinlichkeitstheorie und verwandte Gebiete',
                volume="47",
                pages="119--137",
                year="1979",
            ),
            _entry(
                "book",
                "rudin1987",
                author="Rudin, Walter",
                title="Real and Complex Analysis",
                publisher="McGraw-Hill",
                year="1987",
            ),
            _entry(
                "book",
                "boucheron2013",
                author="Boucheron, St{\\'e}phane and Lugosi, G{\\'a}bor and Massart, Pascal",
                title="Concentration Inequalities: A Nonasymptotic Theory of Independence",
                publisher="Oxford University Press",
                year="2013",
            ),
            _entry(
                "book",
                "grimmett2001",
                author="Grimmett, Geoffrey R. and Stirzaker, David R.",
                title="Probability and Random Processes",
                publisher="Oxford University Press",
                year="2001",
            ),
            _entry(
                "book",
                "muirhead1982",
                author="Muirhead, Robb J.",
                title="Aspects of Multivariate Statistical Theory",
                publisher="Wiley",
                year="1982",
            ),
            _entry(
                "book",
                "karatzas1991",
                author="Karatzas, Ioannis and Shreve, Steven E.",
                title="Brownian Motion and Stochastic Calculus",
                publisher="Springer",
                year="1991",
            ),
            _entry(
                "article",
                "anderson1982",
                author="Anderson, Brian D. O.",
                title="Reverse-time diffusion equation models",
                journal="Stochastic Processes and their Applications",
                volume="12",
                pages="313--326",
                year="1982",
            ),
            _entry(
                "book",
                "evans2010",
                author="Evans, Lawrence C.",
                title="Partial Differential Equations",
                publisher="American Mathematical Society",
                year="2010",
            ),
            _entry(
                "book",
                "evans2015",
                author="Evans, Lawrence C. and Gariepy, Ronald F.",
                title="Measure Theory and Fine Properties of Functions",
                publisher="CRC Press",
                year="2015",
            ),
            _entry(
                "misc",
                "dlmf",
                title="{NIST} Digital Library of Mathematical Functions",
                note="https://dlmf.nist.gov",
            ),
            _entry(
                "article",
                "carlson1934",
                author="Carlson, Fritz",
                title="Une in{\\'e}galit{\\'e}",
                journal='Arkiv f{\\"o}r Matematik, Astronomi och Fysik',
                volume="25B",
                pages="1--5",
                year="1934",
            ),
            _entry(
                "article",
                "corless1996",
                author="Corless, R. M. and Gonnet, G. H. and Hare, D. E. G. and Jeffrey, D. J. and"
                " Knuth, D. E.",
                title="On the {Lambert} {W} function",
                journal="Advances in Computational Mathematics",
                volume="5",
                pages="329--359",
                year="1996",
            ),
            _entry(
                "book",
                "basu2006",
                author="Basu, Saugata and Pollack, Richard and Roy, Marie-Fran{\\c{c}}oise",
                title="Algorithms in Real Algebraic Geometry",
                publisher="Springer",
                year="2006",
            ),
            _entry(
                "book",
                "graham1994",
                author="Graham, Ronald L. and Knuth, Donald E. and Patashnik, Oren",
                title="Concrete Mathematics",
                publisher="Addison-Wesley",
                year="1994",
            ),
            _entry(
                "book",
                "horn2013",
                author="Horn, Roger A. and Johnson, Charles R.",
                title="Matrix Analysis",
                publisher="Cambridge University Press",
                year="2013",
            ),
            _entry(
                "article",
                "tropp2015",
                author="Tropp, Joel A.",
                title="An Introduction to Matrix Concentration Inequalities",
                journal="Foundations and Trends in Machine Learning",
                volume="8",
                pages="1--230",
                year="2015",
            ),
            _entry(
                "book",
                "coddington1955",
                author="Coddington, Earl A. and Levinson, Norman",
                title="Theory of Ordinary Differential Equations",
                publisher="McGraw-Hill",
                year="1955",
            ),
            _entry(
                "inproceedings",
                "alemohammad2024",
                author="Alemohammad, Sina and Casco-Rodriguez, Josue and Luzi, Lorenzo and Humayun,"
                " Ahmed Imtiaz and Babaei, Hossein and LeJeune, Daniel and Siahkoohi, Ali and"
                " Baraniuk, Richard G.",
                title="Self-Consuming Generative Models Go {MAD}",
                booktitle="International Conference on Learning Representations",
                year="2024",
                note="arXiv:2307.01850",
            ),
            _entry(
                "inproceedings",
                "ferbach2024",
                author="Ferbach, Damien and Bertrand, Quentin and Bose, Avishek Joey and Gidel,"
                " Gauthier",
                title="Self-Consuming Generative Models with Curated Data Provably Optimize Human"
                " Preferences",
                booktitle="Advances in Neural Information Processing Systems",
                year="2024",
                note="arXiv:2407.09499",
            ),
            _entry(
                "misc",
                "project",
                title="Self-consuming loops: proved total-variation bounds and the measured loops"
                " beside them",
                note="This project's catalogue of bounds, each with its proof",
            ),
        )
    )
)
"""BibTeX by key; only facts that are certain, so some fields are missing."""
