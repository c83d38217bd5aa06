"""What the people of a crowd say in a room about pottery, and why leading them may fail."""

from __future__ import annotations

from typing import Final

OPENINGS: Final = (
    "Hello from the back row.",
    "Just came in.",
    "That helped me a lot.",
    "Funny,",
    "I tried this last week:",
    "For whoever is new here:",
    "Small update:",
    "From our kiln:",
    "My teacher always said:",
    "I keep forgetting that",
    "Today I learned that",
    "Honestly,",
    "Let me add:",
    "Same here,",
    "We do it like this:",
    "What works for us:",
)
THOUGHTS: Final = (
    "a slower wheel forgives a lot.",
    "the clay was still too wet on Tuesday and I did not want to see it.",
    "two coats of the blue are enough, three begin to run.",
    "wedge it once more than you think you need.",
    "cover it loosely and it dries evenly from both sides.",
    "the crack always starts at the foot.",
    "a wooden rib costs nothing and lasts for years.",
    "an hour of soaking at the top made the glaze clear.",
    "the plate warped because I lifted it by the rim.",
    "we fire on Fridays, and the street smells of it.",
    "handles want the same wetness as the mug.",
    "I weigh every ball now, and the bowls match at last.",
    "grog makes it stronger and my hands rougher.",
    "the old shelf was not flat, and neither was anything on it.",
    "ash from the neighbour's stove gives a lovely green.",
    "you can hear when a pot is fired through.",
    "sponges are for water, not for shaping.",
    "the test tile told me so and I did not listen.",
    "beeswax on the foot saves an evening of scraping.",
    "a bat that sits firmly is half of the work.",
    "I would rather throw ten and keep one.",
    "leather-hard is a matter of the weather.",
    "陶器はいつも私より辛抱強い。",
    "الطين يتذكر كل شيء.",
    "глина любит терпение.",
)
REPLIES: Final = (
    "Yes, exactly that.",
    "Thank you, I will try it on Saturday.",
    "How long did you leave it?",
    "With which clay was that?",
    "The same happened to me.",
    "That is a good trick.",
    "Not in our kiln, it runs colder.",
    "Could you show it again?",
    "I wrote that down.",
    "Oh, so that is why.",
)
ASKED: Final = (
    "How do you begin with",
    "What do you do about",
    "Is there a book on",
    "How hot is right for",
    "How do you keep notes about",
    "What would you never do with",
    "Who can I ask near Lindenhof about",
)
ABOUT: Final = (
    "thin rims?",
    "blue glazes?",
    "a second-hand kiln?",
    "cracks in the foot?",
    "handles that fall off?",
    "raku in a back yard?",
    "reclaimed clay?",
    "firing with wood?",
    "large plates?",
)
FLOOD: Final = "Free pots! Look at my page, and again: {number}"
ACCEPTED: Final = "Gladly. Let us go on here."

ENDED: Final = "The crowd ended before its time."
NO_ANSWER: Final = "The crowd does not answer."
NOT_WHAT: Final = "The crowd answered something else than it was asked."
