"""Numbers as people read them: the right word behind (``{count} {count:code|codes}``), and bytes
and times in a fitting unit."""

from __future__ import annotations

from collections.abc import Mapping

from relay.commands import strings

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
SEVERAL = 2


class _Number(int):
    def __format__(self, spec: str) -> str:
        one, several, more = spec.partition("|")
        if not several:
            return super().__format__(spec)
        return one if self == 1 else more


def worded(template: str, **values: object) -> str:
    """The template with these values; of two words behind a number's name, the one that fits."""
    return template.format(
        **{name: _Number(one) if type(one) is int else one for name, one in values.items()}
    )


def sized(count: int) -> str:
    """Bytes."""
    number, unit = float(count), 0
    while number >= 1024 and unit + 1 < len(strings.UNITS):
        number, unit = number / 1024, unit + 1
    return worded(strings.UNITS[unit], count=count, number=f"{number:.1f}")


def lasting(seconds: int) -> str:
    """A time: days where it is at least two, and so on down."""
    for unit_s, unit in ((DAY_S, strings.DAYS), (HOUR_S, strings.HOURS)):
        if seconds >= SEVERAL * unit_s:
            return worded(unit, count=seconds // unit_s)
    if seconds < MINUTE_S:
        return strings.SECONDS
    return worded(strings.MINUTES, count=seconds // MINUTE_S)


def with_sizes(facts: Mapping[str, int]) -> dict[str, object]:
    """These, and beside each ``…_bytes`` a ``…_size`` as people read it."""
    ending = "_bytes"
    sizes = {
        name.removesuffix(ending) + "_size": sized(one)
        for name, one in facts.items()
        if name.endswith(ending)
    }
    return {**facts, **sizes}
