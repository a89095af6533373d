"""Every figure of the project: one module each, data first, then drawing."""
