"""A file that cannot be read costs itself and nothing else, and the scan says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest_support import put
from hostile_cases import CANARY, CASES
