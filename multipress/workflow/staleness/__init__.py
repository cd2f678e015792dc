"""What a change makes stale, and why: for people, for README, and for the tests. No part of any result."""
