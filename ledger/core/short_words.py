"""Fingerprints as short words, to be compared aloud: one byte, one word.

Guarantees one list for the page, the trust sheet and the verifier: 256 words, in an order that never changes.
"""

from __future__ import annotations

WORDS_TOLD = 12

WORDS: tuple[str, ...] = tuple(
    """
    acid acorn actor adobe agate album alloy alpha amber anchor angle ankle anvil apple apron arch
    arena argon armor arrow ash aspen atlas atom attic audit autumn axis axle azure badge bagel
    baker bamboo banjo barn basil basin beach beacon beam bear beaver bell belt bench berry birch
    bison blade blanket blaze bloom board boat bolt bonus book boot border bottle bowl brass bread
    brick bridge bronze brook broom brush bucket bulb butter cabin cable cactus camel camera canal
    candle canoe canvas canyon carbon cargo carpet carrot castle cedar cello cement chain chalk chess
    cider cinder circle citrus clay cliff clock cloud clover coal cobalt cobra cocoa comet compass
    copper coral cotton crane crater crayon cricket crown crystal cube curtain cypress daisy delta denim
    desert diamond dinner dock dolphin domino donkey dragon drum eagle easel echo elbow elder ember
    emerald engine falcon feather fern ferry fiddle fjord flag flame flint flute forest fossil fox
    galaxy garden garlic garnet geyser giant ginger glacier globe glove goat granite grape gravel guitar
    hammer harbor harp hazel helmet heron hinge honey horizon hotel iceberg igloo indigo iris iron
    island ivory ivy jacket jade jaguar jasmine jigsaw juniper kayak kettle kiwi koala ladder lagoon
    lantern laurel lava lemon lentil lilac lily linen lizard llama lobster lotus lunar magnet mango
    maple marble meadow melon mercury meteor mint mirror moose mosaic moss motor mural mustard nectar
    needle nickel north nutmeg oak oasis ocean olive onion onyx opal orbit orchid otter owl oyster
    paddle palm panda paper parrot peach pearl pebble pepper piano pilot
    """.split()  # noqa: SIM905  (a list of words reads as words)
)


def spoken(digest: bytes, count: int = WORDS_TOLD) -> str:
    """The first `count` bytes of a digest as words: 12 words carry 96 bits."""
    return " ".join(WORDS[octet] for octet in digest[:count])
