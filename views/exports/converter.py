"""Run by `drawing.py` as a script of its own: reads JSON, or nothing, and writes a picture, or Vega's bundle."""

import json
import sys


def main() -> None:
    """The work of one process."""
    import vl_convert  # noqa: PLC0415 - no other process is to hold it

    if sys.argv[1] == "bundle":
        made = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()
    else:
        given = json.load(sys.stdin)
        made = vl_convert.vegalite_to_png(given["spec"], scale=given["scale"], allowed_base_urls=[], show_warnings=True)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
