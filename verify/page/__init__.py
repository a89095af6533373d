"""The report a person reads: one page made of sections."""

from verify.page.gallery import write_gallery
from verify.page.report import Material, gathered, report, write_report
from verify.page.section import Section

__all__ = ["Material", "Section", "gathered", "report", "write_gallery", "write_report"]
