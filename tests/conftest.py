"""What all tests share."""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.truth.agree")  # before anything imports it

# The machines that run this are shared and slow at times: an example's own time is no finding. A plain run looks at the same
# examples each time, so that it fails by what was changed; pytest --hypothesis-profile=thorough draws new ones.
settings.register_profile("pulseboard", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("pulseboard")
