"""Builds that somebody has spoilt on purpose: each must be caught by the checker that finds nothing in a sound one."""
