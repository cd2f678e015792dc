"""What a job says that sees no GPU. The tests' PyTorch has no CUDA, or their machine no GPU."""

import os
import subprocess
import sys

import pytest
import torch

from multipress.core import devices
from multipress.core.errors import UserError

NO_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
REQUESTS = [
    ("SLURM_JOB_GPUS", "0"),
    ("SLURM_GPUS_ON_NODE", "2"),
    ("SLURM_STEP_GPUS", "1"),
    ("CUDA_VISIBLE_DEVICES", "0,1"),
    ("CUDA_VISIBLE_DEVICES", "GPU-8932f937"),
]
NO_REQUESTS = [
    {},
    {"CUDA_VISIBLE_DEVICES": ""},
    {"CUDA_VISIBLE_DEVICES": "-1"},
    {"CUDA_VISIBLE_DEVICES": "NoDevFiles"},
    {"SLURM_GPUS_ON_NODE": "0"},
    {"SLURM_JOB_ID": "7"},
]


def prepare(device, **environment):
    """In a process of its own: CUDA reads the environment once."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "CUDA"))}
    code = f"from multipress.core import devices; print(devices.prepare({device!r}, 1, 0))"
    return subprocess.run([sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True)


@NO_GPU
def test_cuda_without_a_gpu_fails_with_reason_and_remedy():
    with pytest.raises(
        UserError, match=r"runtime.device is cuda, but this job sees no GPU, because .*: .*auto or cpu"
    ) as caught:
        devices.prepare("cuda", 1, 0)
    assert "\n" not in str(caught.value)


@NO_GPU
@pytest.mark.parametrize("request_of", REQUESTS[:2])
def test_auto_falls_back_loudly_where_a_gpu_was_requested(request_of):
    process = prepare("auto", **dict([request_of]))
    assert process.stdout == "cpu\n"
    assert f"WARNING: a GPU was requested ({'='.join(request_of)}), but this job sees none, because" in process.stderr
    assert process.stderr.count("\n") == 1


@NO_GPU
def test_nothing_is_said_where_no_gpu_was_requested_or_none_is_wanted():
    assert prepare("auto").stderr == ""
    assert prepare("cpu", SLURM_JOB_GPUS="0").stderr == ""


@pytest.mark.parametrize(("name", "value"), REQUESTS)
def test_requests_are_seen(name, value):
    assert devices.requested_gpu({name: value}) == f"{name}={value}"


@pytest.mark.parametrize("environment", NO_REQUESTS)
def test_what_is_no_request(environment):
    assert devices.requested_gpu(environment) is None


@pytest.mark.parametrize(
    ("cuda", "visible", "failure", "reason", "remedy"),
    [
        (None, "", "Torch not compiled with CUDA enabled", "PyTorch 2.0 is built without CUDA", "install a PyTorch"),
        ("12.6", "", "No CUDA GPUs are available", "CUDA_VISIBLE_DEVICES is empty", "unset it, or request"),
        ("12.6", "-1", "No CUDA GPUs are available", "CUDA_VISIBLE_DEVICES is -1", "unset it"),
        ("12.6", None, "Found no NVIDIA driver on your system", "there is no NVIDIA driver", "a node with a GPU"),
        ("12.6", "0", "Found no NVIDIA driver on your system", "there is no NVIDIA driver", "a node with a GPU"),
        ("12.6", "7", "No CUDA GPUs are available", "is 7, and CUDA says: No CUDA GPUs", "name a GPU that is there"),
        ("12.6", None, "The NVIDIA driver on your system is too old", "CUDA says: The NVIDIA driver", "nvidia-smi"),
        ("12.6", None, "", "CUDA says: no device", "nvidia-smi"),
    ],
)
def test_reasons_and_remedies(cuda, visible, failure, reason, remedy):
    found = devices.explain_no_gpu("2.0", cuda, visible, failure)
    assert reason in found[0]
    assert remedy in found[1]


@NO_GPU
@pytest.mark.parametrize("precision", ["auto", "float32", "tf32", "bfloat16"])
def test_only_bfloat16_itself_is_taken_without_a_gpu(precision):
    assert devices.uses_bfloat16(precision, torch.device("cpu")) == (precision == "bfloat16")


def test_tf32_is_no_bfloat16_on_any_device():
    assert not devices.uses_bfloat16("tf32", torch.device("cuda"))
