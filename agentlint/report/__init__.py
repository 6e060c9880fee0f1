"""Findings to text in one format each. Pure functions: a ``ScanResult`` in, a string out."""
