"""The six BERT shapes of the paper (Devlin et al. 2019; Turc et al. 2019)."""

from multipress.model.shape import ArchitectureSpec

PAPER: dict[str, ArchitectureSpec] = {
    "large": ArchitectureSpec(layers=24, hidden=1024, heads=16, feed_forward=4096),
    "base": ArchitectureSpec(layers=12, hidden=768, heads=12, feed_forward=3072),
    "medium": ArchitectureSpec(layers=8, hidden=512, heads=8, feed_forward=2048),
    "small": ArchitectureSpec(layers=4, hidden=512, heads=8, feed_forward=2048),
    "mini": ArchitectureSpec(layers=4, hidden=256, heads=4, feed_forward=1024),
    "tiny": ArchitectureSpec(layers=2, hidden=128, heads=2, feed_forward=512),
}
