"""An internet that fits on a laptop: public names, answered by the playground.

    >>> from urllib.request import urlopen
    >>> with internet():
    ...     urlopen("http://www.example.com/").status
    200

What each file is for, from the bottom up: `names` is the table of what there
is; `patching` replaces functions and puts them back; `resolving`, `connecting`
and `trust` are what is replaced; `site` and `hosting` start the servers;
`block` is the with-block; `child` and `shim` take Python's child processes in.

The package is not called `internet`, because `playground.internet` is the
function.
"""

from netbasics.playground.offline.block import Internet, internet

__all__ = ["Internet", "internet"]
