"""``python -m tests.benchmarks``: what ``make bench`` runs."""

from tests.benchmarks.road import main

main()
