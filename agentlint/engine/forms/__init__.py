"""The declarative forms of a rule: what each means, applied to one file or to the graph."""
