"""The command that answers line by line, as people and pipes call it."""

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from multipress.deployment.predictor import load
from tests import forked, model_forms
from tests.model_forms import CLOSENESS, MAX_LENGTH, WEATHER

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds for a process to start and answer."""
TEXTS = model_forms.texts(300)


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("o'folder with space"))


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    return model_forms.write(tmp_path_factory.mktemp("paired"), CLOSENESS, pair=True)


def command(model, *arguments):
    return [sys.executable, "-m", "multipress", "predict", "--model", str(model), *map(str, arguments)]


def predict(model, *arguments, lines=b""):
    """A finished process; its streams are bytes."""
    return forked.run(command(model, *arguments), cwd=ROOT, env=os.environ, lines=lines)


def start(model, *arguments, **streams):
    return subprocess.Popen(command(model, *arguments), cwd=ROOT, **streams)


def answers(model, tokenizer, texts):
    predictions = load(model, tokenizer, max_length=MAX_LENGTH).predict(texts)
    return [f"{prediction.label}\t{prediction.probability:.4f}" for prediction in predictions]


def one_line(process):
    """What a refused run says."""
    assert process.returncode == 1
    said = process.stderr.decode()
    assert said.startswith("multipress predict: error: ")
    assert said.count("\n") == 1, said
    return said


@pytest.mark.parametrize("form", ["folder", "packed", "onnx"])
def test_each_form_answers_line_by_line_in_order(forms, form):
    model = getattr(forms, form)
    lines = "".join(f"{text}\n" for text in TEXTS).encode()
    process = predict(model, "--tokenizer", forms.tokenizer, "--max-length", MAX_LENGTH, lines=lines)
    assert process.returncode == 0, process.stderr
    got = process.stdout.decode().splitlines()
    expected = answers(model, forms.tokenizer, TEXTS)
    assert [line.split("\t")[0] for line in got] == [line.split("\t")[0] for line in expected]
    # Other batches round the last bits otherwise.
    assert sum(mine != theirs for mine, theirs in zip(got, expected, strict=True)) <= 2
    assert len(set(got)) > 100
    assert process.stderr == b""


def test_pairs_bytes_and_line_ends_of_other_systems(paired, tmp_path):
    file = tmp_path / "windows.txt"
    file.write_bytes("\ufeffa good film\tthe plot\r\nÄ\tb\r\nbad\tis".encode())
    process = predict(paired.onnx, "--tokenizer", paired.tokenizer, file)
    assert process.returncode == 0, process.stderr
    rows = [("a good film", "the plot"), ("Ä", "b"), ("bad", "is")]
    values = [prediction.label for prediction in load(paired.onnx, paired.tokenizer).predict(rows)]
    assert process.stdout.decode().splitlines() == [f"{value:.4f}" for value in values]


def test_no_input_gives_no_output(forms):
    process = predict(forms.folder)
    assert (process.returncode, process.stdout, process.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "line 3: empty text"),
        (b" ", "line 3: empty text"),
        (b"good \xff film", "line 3: not UTF-8 (invalid start byte at byte 6 of the line)"),
        (b"a\tb\tc", "line 3: 2 tabs"),
        (b"a\tb", "line 3: two texts, but the model reads single ones"),
        (b"a" * (2 << 20), "line 3: longer than 1 MiB"),
    ],
)
def test_a_bad_line_is_named_and_those_before_it_are_answered(forms, tmp_path, line, message):
    file = tmp_path / "lines.txt"
    file.write_bytes(b"good film\nbad film\n" + line + b"\nthe plot\n")
    process = predict(forms.packed, "--tokenizer", forms.tokenizer, file)
    assert f"{file}, {message}" in one_line(process)
    assert process.stdout.decode().splitlines() == answers(forms.packed, forms.tokenizer, ["good film", "bad film"])


def test_a_single_text_where_the_model_reads_pairs(paired):
    process = predict(paired.onnx, "--tokenizer", paired.tokenizer, lines=b"a\tb\nfilm\n")
    assert "standard input, line 2: one text, but the model reads pairs" in one_line(process)
    assert process.stdout.count(b"\n") == 1


def test_a_bad_line_long_after_the_first_window(forms):
    lines = "".join(f"{text}\n" for text in TEXTS).encode()
    process = predict(forms.folder, lines=lines * 4 + b"\n" + lines)
    assert "line 1201: empty text" in one_line(process)
    assert process.stdout.count(b"\n") == 1200


def test_files_that_are_missing_damaged_or_do_not_fit(forms, tmp_path):
    assert f"model {tmp_path / 'none'} cannot be read" in one_line(predict(tmp_path / "none"))
    assert f"input {tmp_path / 'none'} cannot be read" in one_line(predict(forms.folder, tmp_path / "none"))
    assert "cannot be read (Is a directory)" in one_line(predict(forms.folder, tmp_path))
    assert "no tokenizer.json beside it" in one_line(predict(forms.onnx))
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(forms.onnx.read_bytes()[:5000])
    assert "damaged.onnx" in one_line(predict(damaged, "--tokenizer", forms.tokenizer))
    changed = bytearray(forms.packed.read_bytes())
    changed[-9] ^= 1
    (tmp_path / "changed.safetensors").write_bytes(changed)
    refused = predict(tmp_path / "changed.safetensors", "--tokenizer", forms.tokenizer)
    assert "its checksum is another" in one_line(refused)


def test_a_line_of_ten_thousand_words_is_cut_and_counted(forms):
    process = predict(forms.folder, "--max-length", "50", lines=b"film\n" + b"good film " * 5000 + b"\nplot\n")
    assert process.returncode == 0
    assert process.stdout.count(b"\n") == 3
    assert (
        process.stderr.decode() == "multipress predict: 1 of the lines had more than 50 tokens and were cut to them\n"
    )


def test_the_output_file_appears_complete_or_not_at_all(forms, tmp_path):
    output = tmp_path / "new" / "answers.tsv"
    process = predict(forms.folder, "--output", output, lines=b"good film\n\n")
    assert "line 2: empty text" in one_line(process)
    assert not list(output.parent.iterdir())
    process = predict(forms.folder, "--output", output, lines=b"good film\nbad\n")
    assert (process.returncode, process.stdout) == (0, b"")
    assert output.read_text(encoding="utf-8").splitlines() == answers(forms.folder, None, ["good film", "bad"])
    assert "it is no regular file" in one_line(predict(forms.folder, "--output", "/dev/null"))


def test_a_full_disk_is_told_in_one_line(forms):
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            command(forms.folder), input=b"film\n", stdout=full, stderr=subprocess.PIPE, cwd=ROOT, check=False
        )
    assert "cannot write to standard output: No space left on device" in one_line(process)


def test_each_line_of_a_slow_pipe_is_answered_before_the_next_comes(forms):
    process = start(forms.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    with process:
        for text in ("good film", "bad film", "the plot"):
            process.stdin.write(f"{text}\n".encode())
            assert select.select([process.stdout], [], [], PATIENCE)[0], text
            assert process.stdout.readline().decode().rstrip("\n") == answers(forms.folder, None, [text])[0]
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def test_a_reader_that_has_enough_ends_the_run_without_a_word(forms, tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("good film\n" * 200_000)
    process = start(forms.folder, file, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) == 128 + signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_signal_ends_the_run_with_one_line(forms):
    process = start(forms.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    with process:
        process.stdin.write(b"film\n")
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 143
        assert process.stderr.read() == b"terminated: SIGTERM received\n"


def test_a_hundred_thousand_lines_take_no_more_memory_than_a_thousand(forms, tmp_path):
    peaks = {}
    for lines in (1_000, 100_000):
        file, output = tmp_path / "lines.txt", tmp_path / f"{lines}.tsv"
        file.write_text("".join(f"{text}\n" for text in TEXTS[:250]) * (lines // 250))
        process = start(forms.folder, "--output", output, file)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        assert output.read_bytes().count(b"\n") == lines
        peaks[lines] = usage.ru_maxrss  # KiB
    assert peaks[100_000] < peaks[1_000] + 16 * 1024


def test_a_models_folder_stays_as_it_is(forms, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(forms.folder, copy)
    before = sorted(path.name for path in copy.iterdir())
    assert predict(copy / "model.safetensors", lines=b"film\n").returncode == 0
    assert sorted(path.name for path in copy.iterdir()) == before


def table(path, *rows, header="text,label"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_of_a_table_the_texts_of_a_column_are_answered_and_compared(forms, tmp_path):
    texts = ["good film", "bad, sad film", "the plot"]
    found = [line.split("\t")[0] for line in answers(forms.onnx, forms.tokenizer, texts)]
    wrong = next(label for label in WEATHER.labels if label != found[0])
    labels = [wrong, *found[1:]]
    file = table(tmp_path / "rows.csv", *(f'"{text}",{label}' for text, label in zip(texts, labels, strict=True)))
    process = predict(forms.onnx, "--tokenizer", forms.tokenizer, file, "--text", "text", "--label", "label")
    assert process.returncode == 0, process.stderr
    assert [line.split("\t")[0] for line in process.stdout.decode().splitlines()] == found
    assert process.stderr == b"multipress predict: 2 of 3 answers are the label: accuracy 66.7\n"


def test_of_pairs_two_columns_are_read_and_numbers_are_compared(paired, tmp_path):
    file = table(tmp_path / "rows.csv", "a good film,the plot,0.5", "bad,is,1.5", header="first,second,score")
    command = ("--tokenizer", paired.tokenizer, file, "--text", "first", "second", "--label", "score")
    process = predict(paired.onnx, *command)
    assert process.returncode == 0, process.stderr
    values = [float(line) for line in process.stdout.decode().splitlines()]
    off = (abs(values[0] - 0.5) + abs(values[1] - 1.5)) / 2
    assert process.stderr.decode() == f"multipress predict: 2 answers are off by {off:.3g} on average\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "rows.csv is a table: add --text with its column of texts, or save the texts, one a line"),
        (("--text", "txt"), "rows.csv has no column 'txt': it has text, label"),
        (("--text", "text", "--label", "stars"), "rows.csv has no column 'stars'"),
        (("--label", "label"), "--label needs --text"),
    ],
)
def test_a_table_without_its_columns_is_refused(forms, tmp_path, arguments, message):
    file = table(tmp_path / "rows.csv", "good film,positive")
    process = predict(forms.onnx, "--tokenizer", forms.tokenizer, file, *arguments)
    assert message in one_line(process)
    assert process.stdout == b""


@pytest.mark.parametrize("label", ["1", "regen", '" "'])
def test_a_label_that_the_model_does_not_have_is_refused(forms, tmp_path, label):
    file = table(tmp_path / "rows.csv", "good film,Regen", f"bad film,{label}")
    process = predict(forms.onnx, "--tokenizer", forms.tokenizer, file, "--text", "text", "--label", "label")
    assert "rows.csv, row 2: " in (line := one_line(process))
    assert f"is no label of the model: write its labels ({', '.join(WEATHER.labels)})" in line
    assert process.stdout == b""


def test_the_name_of_a_table_goes_before_its_columns(forms, tmp_path):
    file = table(tmp_path / "rows.csv", "good film,positive")
    process = predict(forms.onnx, "--tokenizer", forms.tokenizer, "--text", "text", file)
    assert "name the file before --text" in one_line(process)


def test_an_empty_text_of_a_table_is_named_by_its_row(forms, tmp_path):
    file = table(tmp_path / "rows.csv", "good film,positive", '" ",negative')
    process = predict(forms.onnx, "--tokenizer", forms.tokenizer, file, "--text", "text")
    assert "rows.csv, row 2: empty text" in one_line(process)
    assert len(process.stdout.decode().splitlines()) == 1
