"""Diffusion models whose training and generated law are computed exactly, without sampling."""
