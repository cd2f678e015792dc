"""Each way in which disk, record, configuration and code can part is found, and what differs is named."""

import os
import shutil

import pytest

from multipress.workflow.provenance.hashes import md5s
from tests.dvc.repository import CONFIG, RESULTS

MODEL = f"{RESULTS}/models/mnli/nano/seed1/kd-mp60/model.safetensors"
REMOVED = f"{RESULTS}/packed/stsb/nano/seed1/ft.safetensors"
TABLE = f"{RESULTS}/tables/results.csv"


def flip_a_byte(repository):
    """In the middle, and the file looks as old and as long as it was."""
    file = repository.folder / MODEL
    times = file.stat()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def edit_a_number(repository):
    rows = (repository.folder / TABLE).read_text().splitlines(keepends=True)
    index = next(number for number, row in enumerate(rows) if row.startswith("mnli,nano,kd-mp60-int8,1,QAT+KD+MP,"))
    cells = rows[index].split(",")
    cells[7] = "99.9"  # score
    rows[index] = ",".join(cells)
    (repository.folder / TABLE).write_text("".join(rows))


def change_the_configuration(repository):
    repository.edit(CONFIG, "quantize:\n  epochs: 1\n", "quantize:\n  epochs: 2\n")


def change_the_code(repository):
    repository.edit("multipress/compression/prune/masks.py", "\n\n\n", "\n\n\n_NEW = 1\n\n\n")


def remove_a_file(repository):
    (repository.folder / REMOVED).unlink()


def add_a_file(repository):
    (repository.folder / MODEL).with_name("notes.txt").write_text("mine")


def edit_dvc_lock(repository):
    lines = (repository.folder / "dvc.lock").read_text().splitlines(keepends=True)
    index = next(number for number, line in enumerate(lines) if line.endswith(f"{RESULTS}/models\n"))
    lines[index + 2] = f"      md5: {32 * 'a'}.dir\n"
    (repository.folder / "dvc.lock").write_text("".join(lines))


def edit_a_parameter_in_dvc_lock(repository):
    text = (repository.folder / "dvc.lock").read_text()
    start = text.index("        quantize:\n")
    epochs = text.index("epochs: 1", start)
    (repository.folder / "dvc.lock").write_text(f"{text[:epochs]}epochs: 7{text[epochs + 9 :]}")


def delete_a_parameter_in_dvc_lock(repository):
    lines = (repository.folder / "dvc.lock").read_text().splitlines(keepends=True)
    index = lines.index("        prune:\n")
    (repository.folder / "dvc.lock").write_text("".join(lines[:index] + lines[index + 2 :]))


def change_a_number_and_all_that_vouches_for_it(repository):
    """The table, and its bytes in the record and in dvc.lock."""
    edit_a_number(repository)
    file = str(repository.folder / TABLE)
    record = repository.folder / RESULTS / "audit.json"
    text = record.read_text()
    start = text.index(f'"{TABLE}": "') + len(f'"{TABLE}": "')
    record.write_text(text[:start] + md5s([file])[file] + text[start + 32 :])
    assert repository.dvc("commit", "--force", "study@demo").returncode == 0


def edit_the_record(repository):
    repository.edit(f"{RESULTS}/audit.json", '"commit": "', '"commit": "f')


NAMED = {
    flip_a_byte: [f"{MODEL}: expected md5 "],
    edit_a_number: [f"{TABLE}: expected md5 ", "(mnli/nano/kd-mp60-int8/1), column score: expected ", ", found 99.9"],
    change_the_configuration: [
        "configuration: quantize.epochs (of quantize ×",
        "): expected 1.0, found 2.0",
        "snakemake: ",
    ],
    change_the_code: ["multipress/compression/prune/masks.py (in prune ×", "): expected digest "],
    remove_a_file: [f"{REMOVED}: expected md5 ", ", found no file"],
    add_a_file: [f"{MODEL.replace('model.safetensors', 'notes.txt')}: expected no file"],
    edit_dvc_lock: [f"dvc.lock: {RESULTS}/models: md5: expected ", f", found {32 * 'a'}.dir"],
    edit_a_parameter_in_dvc_lock: ["dvc.lock: params: quantize.epochs: expected 1.0, found 7"],
    delete_a_parameter_in_dvc_lock: ["dvc.lock: params: prune.", "found no entry"],
    change_a_number_and_all_that_vouches_for_it: [
        "(mnli/nano/kd-mp60-int8/1), column score: expected ",
        ", found 99.9",
    ],
    edit_the_record: [f"dvc.lock: {RESULTS}/audit.json: md5: expected "],
}


def test_nothing_differs_from_a_run_that_was_just_recorded(recorded):
    process = recorded.script("audit")
    assert process.returncode == 0, process.stdout + process.stderr
    checks = [line.split()[0] for line in process.stdout.splitlines()]
    assert checks == ["files", "dvc.lock", "configuration", "code", "snakemake", "tables"]
    assert "difference" not in process.stdout


TOGETHER = [
    [flip_a_byte],
    [edit_a_number, remove_a_file, add_a_file],
    [change_the_configuration, change_the_code],
    [edit_dvc_lock, edit_a_parameter_in_dvc_lock, delete_a_parameter_in_dvc_lock],
    [edit_the_record],
    [change_a_number_and_all_that_vouches_for_it],
]
"""Each of several faults must be named, too."""


@pytest.mark.parametrize("faults", TOGETHER, ids=lambda faults: faults[0].__name__)
def test_each_fault_is_found_and_named(repository, faults):
    for fault in faults:
        fault(repository)
    process = repository.script("audit")
    assert process.returncode == 1, process.stdout + process.stderr
    assert "Traceback" not in process.stderr
    for fault in faults:
        for words in NAMED[fault]:
            assert words in process.stdout


def remove_the_record(repository):
    (repository.results / "audit.json").unlink()


def break_the_record(repository):
    (repository.results / "audit.json").write_text('{"format": 1}')


def mistype_a_key(repository):
    repository.edit(CONFIG, "quantize:\n  epochs: 1\n", "quantize:\n  epochz: 1\n")


def remove_a_source(repository):
    shutil.rmtree(repository.folder / "weather")


UNCHECKED = {
    remove_the_record: f"{RESULTS}/audit.json is missing: there is no record of this run",
    break_the_record: f"{RESULTS}/audit.json",
    mistype_a_key: "quantize.epochz: unknown key",
    remove_a_source: "weather",
}


@pytest.mark.parametrize("obstacle", UNCHECKED, ids=lambda obstacle: obstacle.__name__)
def test_what_cannot_be_checked_is_told_in_one_line(repository, obstacle):
    obstacle(repository)
    process = repository.script("audit")
    assert process.returncode == 2, process.stdout + process.stderr
    assert UNCHECKED[obstacle] in process.stderr.strip().splitlines()[-1]
    assert "Traceback" not in process.stderr


def test_without_an_entry_in_dvc_lock_the_other_checks_are_made(repository):
    (repository.folder / "dvc.lock").unlink()
    process = repository.script("audit")
    assert process.returncode == 2
    assert "NOT CHECKED: dvc.lock has no entry for study@demo" in process.stdout
    assert "rows follow from the stored predictions" in process.stdout
