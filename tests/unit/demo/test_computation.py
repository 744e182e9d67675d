"""The small computation is real: it learns, it errs, and it gives the same digest every time."""

from __future__ import annotations

import pytest

from console.demo.computation.files import KnownFile, features, held_out, known_files, label
from console.demo.computation.model import train
from console.demo.sources.python_packages import find_files


def _file(path: str, size: int = 100) -> KnownFile:
    return KnownFile("thing", "1.0", path, "00" * 32, size)


def test_the_suffix_is_the_label_and_never_a_feature() -> None:
    code, data = _file("thing/core/reader.py"), _file("thing/core/reader.txt")
    assert (label(code), label(data)) == ("code", "data")
    assert features(code) == features(data)


def test_features_name_folders_words_size_and_depth() -> None:
    assert features(_file("thing/core/tar_reader2.py", size=1000)) == (
        "depth:3", "dots:1", "folder:core", "size:10", "word:reader", "word:tar",
    )  # fmt: skip


def test_training_gives_the_same_digest_whatever_the_order() -> None:
    examples = [("code", ("a", "b")), ("data", ("b",)), ("code", ("a",))]
    assert train(examples).digest() == train(examples[::-1]).digest()
    assert train(examples).digest() != train(examples[:2]).digest()


def test_a_judgement_is_the_likelier_outcome_in_basis_points() -> None:
    model = train([("code", ("a",)), ("code", ("a",)), ("data", ("b",)), ("data", ("b",))])
    assert model.judge(("a",)) == ("code", 7500)
    assert model.judge(("b",)) == ("data", 7500)
    assert model.judge(()) == ("code", 5000)


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to learn from"):
        train([])


def test_on_the_packages_of_this_interpreter_it_is_mostly_right_and_sometimes_wrong() -> None:
    files = known_files(find_files().events)
    model = train((label(file), features(file)) for file in files if not held_out(file))
    judged = [(model.judge(features(file))[0], label(file)) for file in files if held_out(file)]
    wrong = sum(outcome != truth for outcome, truth in judged)
    assert len(judged) > 500
    assert 0 < wrong < len(judged) // 5
    assert sum(model.files.values()) == len(files) - len(judged)
