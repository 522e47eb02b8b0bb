"""How many examples of a property hypothesis tries: the usual number, or that of the long run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

USUAL, LONG = 100, 5000
"""For one property; those whose examples are dear ask for fewer by `examples`."""


def register() -> None:
    """Make the two profiles known and load the usual one; ``--hypothesis-profile long`` asks for the other.

    How long one example takes says more of the machine than of what is tested; all else stays as hypothesis has it,
    but that the long run tries other examples each time, in CI too, and prints how to try again what it found.
    """
    settings.register_profile("unhurried", settings(settings.default, deadline=None, max_examples=USUAL))
    settings.register_profile(
        "long",
        settings(
            settings.default,
            deadline=None,
            derandomize=False,
            max_examples=LONG,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    settings.load_profile("unhurried")


def examples(usual: int) -> int:
    """Give how many of a dear property are tried: ``usual`` of them, or as many times more as the run is longer."""
    return usual * settings().max_examples // USUAL
