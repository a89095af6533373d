"""The report a person reads: one page made of sections."""

from verify.page.gallery import write_gallery
from verify.page.rendering import Section
from verify.page.report import Material, gathered, report, write_report

__all__ = ["Material", "Section", "gathered", "report", "write_gallery", "write_report"]
