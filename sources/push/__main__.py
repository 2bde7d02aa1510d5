"""`tail -f x.log | python -m sources.push NAME`: post lines to a board."""

import sys

from sources.push.client import main

if __name__ == "__main__":
    sys.exit(main())
