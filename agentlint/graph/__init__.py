"""The repository as one graph, and the flow solver over it."""
