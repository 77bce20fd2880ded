"""How fast the helpers are, beside what one would use instead.

    python -m benchmarks            (with `tests` on the path: see docs)

`measuring` says what a row is and takes turns between its contenders,
`processes` runs servers and clients in processes of their own, `reporting`
makes tables, JSON, bars and the page of it. `rows/` has the rows, those of one
part of the library in one file.
"""
