"""The order of a scan, and all of its state."""
