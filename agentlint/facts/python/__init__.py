"""Python source to a graph of values per function (SSA form): what flows where inside one function, already flow-sensitive."""
