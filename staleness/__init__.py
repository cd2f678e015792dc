"""What a change makes stale, and why: for people, for README, and for the tests. No part of any result."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
