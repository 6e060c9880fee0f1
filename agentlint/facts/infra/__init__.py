"""Infrastructure as code: one resource model, and the front ends that fill it."""
