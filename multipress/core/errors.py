"""The exceptions that end a script with one line instead of a traceback, and memory that does not suffice."""


class UserError(Exception):
    """A mistake in the user's input: one line that says what is wrong, where, and the remedy.

    Command-line scripts print the message without a traceback and exit with status 1.
    """


class Interrupted(Exception):
    """A signal asked the job to end before its result was there; the message says what is kept."""

    def __init__(self, message: str, signal_number: int) -> None:
        """Scripts exit with 128 plus the signal's number, as shells expect."""
        super().__init__(message)
        self.exit_code = 128 + signal_number


_OUT_OF_MEMORY = ("DefaultCPUAllocator", "could not create a primitive", "bad_alloc")
"""In messages of PyTorch's allocator of the CPU, of oneDNN, which does not name the memory, and of C++."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a GPU's or the CPU's memory did not suffice; PyTorch, whose error it may be, is not loaded for that."""
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or (isinstance(error, RuntimeError) and any(sign in str(error) for sign in _OUT_OF_MEMORY))


def explain_out_of_memory(error: BaseException) -> str:
    """What was out of memory, and the remedies, in one line."""
    if "CUDA" in str(error):
        said = str(error).split("If reserved")[0].split("Process")[0].strip().rstrip(".")
        return (
            f"{said}: run fewer jobs on the GPU at a time (snakemake --resources gpu=1), end other programs on it "
            "(nvidia-smi names them), or set runtime.device to cpu"
        )
    return "out of memory: run fewer jobs at a time (snakemake --cores 1), end other programs, or take a larger machine"
