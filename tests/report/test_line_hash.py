"""The line hash must equal the one code scanning computes, or alerts reopen on every upload."""

from __future__ import annotations

import random

import pytest

from agentlint.core.fingerprint import LineHasher, line_hash, line_hashes

EOF_HASH = "c129715d7a2bc9a3:1"


def reference(text: str) -> list[str]:
    """The published algorithm, unit by unit, with a rolling window."""
    data = text.encode("utf-16-le")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)] + [65535]
    size, modulus = 100, 1 << 64
    first = pow(37, size, modulus)
    window, numbers = [0] * size, [-1] * size
    value = index = line = 0
    line_start, after_cr = True, False
    counts: dict[str, int] = {}
    hashes: dict[int, str] = {}

    def output() -> None:
        digits = f"{value:x}"
        counts[digits] = counts.get(digits, 0) + 1
        hashes[numbers[index]] = f"{digits}:{counts[digits]}"
        numbers[index] = -1

    for unit in units:
        if unit in (32, 9) or (after_cr and unit == 10):
            after_cr = False
            continue
        after_cr = unit == 13
        unit = 10 if after_cr else unit
        if numbers[index] != -1:
            output()
        if line_start:
            line_start, line = False, line + 1
            numbers[index] = line
        line_start = unit == 10
        value = (value * 37 + unit - first * window[index]) % modulus
        window[index], index = unit, (index + 1) % size
    for _ in range(size):
        if numbers[index] != -1:
            output()
        value = (value * 37 - first * window[index]) % modulus
        window[index], index = 0, (index + 1) % size
    return [hashes[number] for number in sorted(hashes)]


def test_empty_file():
    assert line_hashes("") == [EOF_HASH]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_published_vector_with_any_line_ending(newline):
    text = "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n".replace("\n", newline)
    assert line_hashes(text) == [
        "e54938cc54b302f1:1",
        "bb609acbe9138d60:1",
        "1131fd5871777f34:1",
        "5c482a0f8b35ea28:1",
        "54517377da7028d2:1",
        "2c644846cb18d53e:1",
        "f1b89f20de0d133:1",
        EOF_HASH,
    ]


def test_published_vector_with_equal_lines():
    assert line_hashes("Lorem ipsum dolor sit amet.\n" * 10) == [
        *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        EOF_HASH,
    ]


def test_blanks_do_not_matter():
    assert line_hashes("\tx  = 2\nif y :\n    z\n") == line_hashes("x=2\nif y:\nz\n")


def test_blank_between_cr_and_lf_makes_two_line_breaks():
    assert len(line_hashes("a\r \nb")) == 3


@pytest.mark.parametrize("seed", range(40))
def test_equals_the_published_algorithm_on_random_text(seed):
    source = random.Random(seed)
    length = source.choice([1, 40, 99, 100, 101, 300, 5000])
    alphabet = source.choice(["ab\n", "ab \t\r\n\n\x0b\u2028é", "😀é\n\r", "x \r\n"])
    text = "".join(source.choice(alphabet) for _ in range(length))
    assert line_hashes(text) == reference(text)


def test_lines_that_collide_are_counted_as_equal():
    # 37 times one unit more is 37 units less in the next: these two windows differ, their hashes do not.
    first, second = line_hashes("b!" + "z" * 120 + "\n" + "aF" + "z" * 120 + "\n")[:2]
    assert (first.split(":")[0], second) == (second.split(":")[0], first.split(":")[0] + ":2")


def test_lookups_in_any_order_agree_and_lines_outside_have_no_hash():
    text = "".join(f"line {n % 7}\n" for n in range(900))
    hasher, expected = LineHasher(text), line_hashes(text)
    assert [hasher.hash(n) for n in (900, 1, 450)] == [expected[899], expected[0], expected[449]]
    assert (line_hash(text, 0), line_hash(text, 902), hasher.hash(-1)) == ("", "", "")


def test_bytes_that_were_not_utf8_count_as_the_replacement_character():
    raw = b"caf\xe9 = 1\n\xf0\x9f\x98 = 2\n"
    assert line_hashes(raw.decode("utf-8", "surrogateescape")) == line_hashes(raw.decode("utf-8", "replace"))
