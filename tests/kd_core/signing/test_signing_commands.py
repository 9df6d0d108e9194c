"""kd-core make-key, sign-model, verify-model as a lab calls them; card and calibrate afterwards."""

from __future__ import annotations

import getpass
import json
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kd_core.__main__ import main
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.schema.errors import DataError, ModelError
from kd_core.signing.key_files import LARGEST_KEY, read_private_key, read_public_key, write_new_key
from kd_core.signing.model_signature import signature_state
from kd_core.vision.predictor import Predictor
from tests.endoscope_app.model_stage import A, make
from tests.model_factory import make_model_dir

Run = Callable[..., tuple[int, str, str]]
NO_MODE = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems keep such rights")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return write_new_key(tmp_path / "lab.key").private


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed for passwords, in turn."""
    given: list[str] = []
    monkeypatch.setattr(getpass, "getpass", lambda _question: given.pop(0))
    return given


def test_a_lab_makes_a_key_signs_a_model_and_a_clinic_checks_it(run: Run, tmp_path: Path) -> None:
    model, key = make(tmp_path / "model", A), tmp_path / "lab.key"
    status, said, _ = run("make-key", "--out", key, "--json")
    made = json.loads(said)
    assert (status, made["private"], made["public"]) == (0, str(key), f"{key}.pub")
    status, said, warned = run("sign-model", model, "--key", key)
    assert (status, warned) == (0, "")
    assert made["fingerprint"] in said
    assert "card.json, student.onnx, student.safetensors" in said
    status, said, _ = run("verify-model", model, "--key", f"{key}.pub")
    assert status == 0
    assert made["fingerprint"] in said
    (model / "student.onnx").write_bytes(b"other")
    status, said, warned = run("verify-model", model, "--key", f"{key}.pub")
    assert (status, said) == (2, "")
    assert "student.onnx was changed" in warned


def test_who_checks_says_whose_key_it_must_be(run: Run, tmp_path: Path, key: Path) -> None:
    model, other = make(tmp_path / "model", A), write_new_key(tmp_path / "other.key")
    assert "is not signed" in run("verify-model", model, "--key", f"{key}.pub")[2]
    run("sign-model", model, "--key", other.private)
    status, _, warned = run("verify-model", model, "--key", f"{key}.pub")
    assert status == 2
    assert "signed with another key" in warned


@NO_MODE
def test_the_private_key_is_its_owner_s_alone_and_replaces_nothing(
    run: Run, tmp_path: Path
) -> None:
    key = tmp_path / "lab.key"
    before = os.umask(0)
    try:
        assert run("make-key", "--out", key)[0] == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    content = key.read_bytes()
    status, _, warned = run("make-key", "--out", key)
    assert status == 2
    assert "already a file" in warned
    assert key.read_bytes() == content
    link = tmp_path / "link.key"
    link.symlink_to(tmp_path / "elsewhere.key")
    assert run("make-key", "--out", link)[0] == 2
    assert not (tmp_path / "elsewhere.key").exists()


@NO_MODE
def test_no_private_key_without_its_public_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    really = os.open

    def full(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".pub"):
            raise OSError(28, "No space left on device")
        return really(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(DataError, match="No space left"):
        write_new_key(tmp_path / "lab.key")
    assert list(tmp_path.iterdir()) == []


@NO_MODE
def test_a_key_that_others_can_read_is_said(run: Run, tmp_path: Path, key: Path) -> None:
    key.chmod(0o644)
    status, _, warned = run("sign-model", make(tmp_path / "model", A), "--key", key)
    assert status == 0
    assert f"chmod 600 {key}" in warned


def test_a_password_protects_the_key(run: Run, tmp_path: Path, answers: list[str]) -> None:
    model, key = make(tmp_path / "model", A), tmp_path / "lab.key"
    answers += ["one", "two"]
    assert "differ" in run("make-key", "--out", key, "--password")[2]
    assert not key.exists()
    answers += ["secret", "secret"]
    assert run("make-key", "--out", key, "--password")[0] == 0
    assert b"ENCRYPTED" in key.read_bytes()
    for wrong in ("other", ""):
        answers.append(wrong)
        status, _, warned = run("sign-model", model, "--key", key)
        assert status == 2
        assert "the password is another one" in warned
        assert signature_state(model).kind == "none"
    answers.append("secret")
    assert run("sign-model", model, "--key", key)[0] == 0
    assert signature_state(model).kind == "fits"


def test_what_is_no_key_is_said(run: Run, tmp_path: Path, key: Path) -> None:
    model = make(tmp_path / "model", A)
    bad = tmp_path / "bad"
    for content in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", b"\0" * (LARGEST_KEY + 1)):
        bad.write_bytes(content)
        assert run("sign-model", model, "--key", bad)[0] == 2
        with pytest.raises(DataError):
            read_public_key(bad)
    assert "is no private key" in run("sign-model", model, "--key", f"{key}.pub")[2]
    with pytest.raises(DataError, match="never gives away"):
        read_public_key(key)
    assert "cannot be read" in run("sign-model", model, "--key", tmp_path / "missing")[2]
    assert "no model folder" in run("sign-model", tmp_path / "none", "--key", key)[2]


def test_a_key_of_another_kind_is_said(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    other, pem = X25519PrivateKey.generate(), serialization.Encoding.PEM
    private, public = tmp_path / "x.key", tmp_path / "x.pub"
    private.write_bytes(
        other.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        other.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(DataError, match="another kind than Ed25519"):
        read_private_key(private, lambda _question: "")
    with pytest.raises(DataError, match="another kind than Ed25519"):
        read_public_key(public)


def test_openssl_reads_the_keys(tmp_path: Path, key: Path) -> None:
    try:
        done = subprocess.run(
            ["openssl", "pkey", "-in", str(key), "-pubout"],
            capture_output=True,
            check=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert done.stdout == Path(f"{key}.pub").read_bytes()


def test_a_misfit_is_loaded_by_nobody(tmp_path: Path, key: Path, run: Run) -> None:
    model = make_model_dir(tmp_path / "model")
    run("sign-model", model, "--key", key)
    Predictor.load(model)
    (model / "notes.txt").write_bytes(b"added")
    with pytest.raises(ModelError, match=r"notes\.txt was added"):
        Predictor.load(model)
    from kd_core.artifacts.checkpoint import load_any_student

    with pytest.raises(ModelError, match=r"notes\.txt was added"):
        load_any_student(model)
    with pytest.raises(ModelError, match=r"notes\.txt was added"):
        load_teacher(model, ("caecum", "polyp"))
