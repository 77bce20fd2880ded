"""How fast the helpers are, beside what one would use instead.

    python -m benchmarks            (with `tests` on the path: see docs)

`measuring` says what a row is and takes turns between its contenders, `ratios`
says how far a figure can be trusted, `processes` runs servers and clients in
processes of their own, `reporting` makes tables, JSON and bars of it, and
`page` a page. `rows/` has the rows, those of one part of the library in one
file; `driving`, `asking` and `proxying` are what several of them need.
"""
