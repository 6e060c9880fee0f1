"""Edits that mend findings, worked out from the places the scan gives; nothing here decides what is a finding."""
