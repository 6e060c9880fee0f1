"""Literals under names: what the name, the shape and the use decide, and what a hostile file costs."""

from __future__ import annotations

import time

import pytest

from agentlint.facts import literals
from agentlint.facts.literal_names import name_class
from agentlint.facts.literal_values import shape_of
from agentlint.parse.text import Text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"), ("dbPassword", "password"), ("DB_PASS", "password"), ("admin_password", "admin"),
        ("DEFAULT_USER_PASSWORD", "admin"), ("jwt_secret", "signing"), ("SECRET_KEY", "signing"), ("sessionSecret", "signing"),
        ("TOKEN_SECRET", "signing"), ("api_key", "key"), ("clientSecret", "key"), ("CLIENTSECRET", "key"), ("x-api-key", "key"),
        ("access_token", "key"), ("Authorization", "key"), ("AWS_SECRET_ACCESS_KEY", "key"), ("api_key_prod", "key"),
        ("max_tokens", ""), ("token_limit", ""), ("next_token", ""), ("public_key", ""), ("cache_key", ""), ("secret_name", ""),
        ("password_hash", ""), ("tokenizer", ""), ("API_KEY_ENV", ""), ("anon_key", ""), ("key", ""), ("NEO4J_AUTH", ""), ("ri:userkey", ""), ("user_key", ""),
    ],
)  # fmt: skip
def test_names(name, kind):
    assert name_class(name) == kind


@pytest.mark.parametrize(
    ("name", "value", "shape"),
    [
        ("password", "MyPassword123!", "chosen"), ("password", "Tr0ub4dor&3", "chosen"), ("password", "password", ""),
        ("jwt_secret", "agents-jwt-default-secret", "phrase"), ("jwt_secret", "changeme", "placeholder"),
        ("api_key", "w8Zr3kTq0LmX7vBn" + "4HsY2dGc", "random"), ("api_key", "${API_KEY}", ""), ("api_key", "OPENAI_API_KEY", ""),
        ("api_key", "<key>", ""), ("password", "user_password", "phrase"), ("project_api_key", "phc_" + "w8Zr3kTq0LmX7vBn4HsY2d", ""),
        ("token", "0x" + "a1b2c3d4e5" * 4, ""), ("password", "/run/secrets/db", ""),
    ],
)  # fmt: skip
def test_shapes(name, value, shape):
    assert shape_of(name, value) == shape


ATTACKS = [
    "password=", "a-" * 40 + "password=", "api_key: " + "a" * 300, "name: api_key\n", 'name: "api_key"\n value: ', "https://a:", "https://" + "a" * 60 + ":",
    "://x:y@", "?api_key=", "?" + "key-" * 12 + "=", "https://x/?key=" + "a" * 30 + "&", "secret_value_value_value_", "--token ", '"token": "',
    "example:\n    token: a1b2c3d4e5f6a7b8c9d0\n", "A_" * 50 + "KEY=", "\\\"token\\\": \\\"", "token token token ",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_time_is_linear(attack):
    """Four times the length may cost about four times the time, not sixteen."""
    costs = []
    for size in (50_000, 200_000):
        source = attack * (size // len(attack))
        best = 9.0
        for _ in range(2):
            begin = time.process_time()
            literals.in_text("a.yaml", "yaml", Text(source))
            literals.in_urls(source.encode(), Text(source))
            literals.hot_lines(Text(source))
            best = min(best, time.process_time() - begin)
        costs.append(best)
    assert costs[1] < 0.1 or costs[1] < 9 * costs[0], costs
    assert costs[1] < 3.0, costs


@pytest.mark.parametrize("text", ["your-" * 100, "a" * 512, "aB3-" * 128, "change-" * 70, "a." * 256, "A1" * 256, "your_a_" * 70])
def test_the_shape_of_a_long_value_costs_little(text):
    begin = time.process_time()
    for number in range(20):
        shape_of("jwt_secret", text[: 512 - number])
    assert time.process_time() - begin < 1.0
