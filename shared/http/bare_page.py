"""A problem as a page that needs nothing else: for whoever answers without the applications' templates."""

from __future__ import annotations

from shared.http.problems import Problem


def bare_page(problem: Problem) -> str:
    """Write title and detail in both languages, Chinese first."""
    sentences = "".join(
        f"<p>{part.zh}</p><p lang=en>{part.en}</p>" for part in (problem.title, problem.detail)
    )
    return f"<!doctype html><html lang=zh><meta charset=utf-8><title>{problem.title.zh}</title>{sentences}</html>"
