"""What somebody does with mouse and keyboard, whatever it is for; each ends when it is seen."""

from __future__ import annotations

from desktop.demo import strings
from desktop.demo.looking import MENU_LINE
from desktop.demo.person import Person
from desktop.demo.sight import Sight, Thing
from desktop.demo.stage import Stage

# Roles, as the accessibility interfaces name them.
BUTTON, FIELD, ITEM, SWITCH = "Button", "EditableText", "ListItem", "CheckBox"
NAV = "RadioButton"
PLACES = (BUTTON, NAV, SWITCH, "PageTab")  # what leads to another page


class Hands:
    """On one stage, for everybody."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def press_button(self, person: Person, name: str) -> None:
        await self._stage.click(person, await person.thing(name, BUTTON))

    async def pick(self, person: Person, line: str) -> None:
        """From the menu that is open."""
        await self._stage.click(person, await person.thing(line, MENU_LINE))

    async def begins(self, person: Person, name: str, *roles: str) -> Thing:
        """Something whose name begins so, and goes on with what changes."""
        return await person.wait_for(
            strings.A_THING.format(name=name),
            lambda sight: next(
                (
                    thing
                    for thing in sight.things
                    if thing.name.startswith(name)
                    and thing.reachable
                    and thing.enabled
                    and (not roles or thing.role in roles)
                ),
                None,
            ),
        )

    async def item(self, person: Person, name: str) -> Thing:
        """Somebody's row in the list of conversations."""
        return await self.begins(person, name, ITEM)

    async def focus(self, person: Person, field: Thing) -> None:
        await self._stage.click(person, field)
        await person.wait_for(
            strings.A_THING.format(name=field.name),
            lambda sight: any(t.name == field.name and t.focused for t in sight.things) or None,
        )

    async def clear(self, person: Person, field: Thing) -> None:
        """Nothing stands there any more."""
        await self.focus(person, field)
        await self._stage.empty(person, len(field.text))

    async def fill(self, person: Person, field: Thing, text: str, *, secret: bool = False) -> None:
        """Write into a field, and see it there; of a passphrase, that it has as many letters."""
        await self.focus(person, field)
        await self._stage.write(person, text)

        def there(sight: Sight) -> bool | None:
            for thing in sight.things:
                if thing.name == field.name and thing.role == FIELD:
                    same = len(thing.text) == len(text) if secret else thing.text == text
                    return same or None
            return None

        await person.wait_for(strings.A_THING.format(name=field.name), there)
