"""Bytes to trees with positions. A parser never raises on input: it returns the tree or a ``ParseProblem``."""
