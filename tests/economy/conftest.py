import jax.numpy as jnp
import pytest

from tests.economy.central import Central, medians, outside, runner, structure


@pytest.fixture(scope="session")
def central() -> Central:
    """The path at the medians of the beliefs, without shocks, compiled once for all tests."""
    numbers = medians()
    given = outside(numbers)
    run = runner(structure())
    end, path = run({name: jnp.asarray(array) for name, array in numbers.items()}, given)
    return Central(numbers, given, run, end, path)
