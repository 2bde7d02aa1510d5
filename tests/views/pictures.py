"""Pictures as arrays."""

import io

import numpy as np
from PIL import Image


def pixels(png):
    """The colours of a PNG: (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
