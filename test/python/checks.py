"""Runs checks one after another and prints one JSON line for each: {"name", "ok", "error"}."""

import json
import sys
import traceback

_checks = []


def check(name):
    """Registers a function; it fails by raising."""

    def register(function):
        _checks.append((name, function))
        return function

    return register


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def raises(kind, call):
    """Calls, and returns the error of exactly this class."""
    try:
        call()
    except Exception as error:
        assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}: {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def main():
    failed = 0
    for name, function in _checks:
        error = None
        try:
            function()
        except Exception:
            error = traceback.format_exc()
            failed += 1
        print(json.dumps({"name": name, "ok": error is None, "error": error}), flush=True)
    sys.exit(1 if failed else 0)
