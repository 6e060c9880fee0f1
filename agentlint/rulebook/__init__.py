"""Rules, models and kinds: all knowledge that is data, loaded and validated."""
