"""The rows: each file has a function `rows()` that returns some."""
