"""Rules that need code: one module each, found by presence. They import only ``agentlint.sdk``."""
