"""Scripts that measure side by side, in one run, and print ratios (docs/explanation/performance.md has them)."""
