"""PCG32: the one generator of random numbers that Python and the browser share, so that both write the same text."""

_MULTIPLIER = 6364136223846793005
_STREAM = 54  # as in the reference program
_MASK = 2**64 - 1


class PCG32:
    """PCG-XSH-RR with 64 bits of state (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient … Generators").

    Example:
        >>> from rnnviz.experiments.pcg32 import PCG32
        >>> drawn = PCG32(42)
        >>> [hex(drawn.whole()) for _ in range(3)]
        ['0xa15c02b7', '0x7b47f409', '0xba1d3330']
    """

    def __init__(self, seed: int) -> None:
        """Begin as ``pcg32_srandom(seed, 54)`` of the reference program does."""
        self._increment = (_STREAM << 1) | 1
        self._state = 0
        self.whole()
        self._state = (self._state + seed) & _MASK
        self.whole()

    def whole(self) -> int:
        """The next whole number, 0 to 2**32 - 1."""
        before = self._state
        self._state = (before * _MULTIPLIER + self._increment) & _MASK
        shifted = (((before >> 18) ^ before) >> 27) & 0xFFFFFFFF
        turn = before >> 59
        return ((shifted >> turn) | (shifted << (-turn & 31))) & 0xFFFFFFFF

    def share(self) -> float:
        """The next number from 0 to just below 1: the whole number through 2**32."""
        return self.whole() / 2**32
