"""What all tests of this folder share."""

import pytest

pytest.register_assert_rewrite("tests.truth.agree")
