"""Values every layer shares: places, levels, findings, notifications. No input or output happens here."""
