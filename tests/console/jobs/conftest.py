"""Jobs run on real collectors: on two busy cores they take their time."""

import pytest

LEAST_S = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each job has minutes, whatever limit it names itself."""
    for item in items:
        if item.path.parent.name == "jobs":
            item.add_marker(pytest.mark.timeout(LEAST_S), append=False)
