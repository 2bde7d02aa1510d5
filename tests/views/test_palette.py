"""The palette holds what it promises."""

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from state.frame import SLOTS
from views.palette import NEUTRAL, SLOT_COLORS, slot_color

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
CONTRAST = 3.0
"""WCAG 2.2, 1.4.11, for graphics."""
DISTANCE = 0.07
"""In OKLab, where 0.02 is just noticeable."""

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Ottosson (2020), "A perceptual color space for image processing".
LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def oklab(color: str, eyes: str) -> np.ndarray:
    return LAB @ np.cbrt(LMS @ np.clip(np.array(EYES[eyes]) @ linear(color), 0, 1))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", [*SLOT_COLORS, NEUTRAL])
def test_every_colour_stands_out_from_the_page(color: str, theme: str) -> None:
    assert contrast(color, CONFIG["theme"][theme]["backgroundColor"]) >= CONTRAST


@pytest.mark.parametrize("eyes", EYES)
def test_no_two_series_look_alike(eyes: str) -> None:
    for one, other in combinations(SLOT_COLORS, 2):
        assert np.linalg.norm(oklab(one, eyes) - oklab(other, eyes)) >= DISTANCE, (one, other)


def test_the_theme_has_the_same_colours() -> None:
    assert len(SLOT_COLORS) == SLOTS
    assert CONFIG["theme"]["chartCategoricalColors"] == list(SLOT_COLORS)


def test_a_series_without_a_slot_is_neutral() -> None:
    assert slot_color("b", ("a", "b", None)) == SLOT_COLORS[1]
    assert slot_color("c", ("a", "b", None)) == NEUTRAL
