"""Models of other libraries in the loop: what ``kind = "package.module:Name"`` can name."""
