import pytest

from tests.funding import small_town


@pytest.fixture
def town():
    """(inputs, survey) of a few actions: `small_town.town`."""
    return small_town.town
