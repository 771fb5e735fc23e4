"""digits.get_mnist gives students the right arrays, fast, whatever became of files and caches.

Everything here is real: the four MNIST files, copies of digits.py in the folders it is used from,
processes that start at once or are killed. Only the mirrors are replaced, by a server on loopback.
"""

import functools
import gzip
import hashlib
import http.server
import importlib.util
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

REPO = Path(__file__).resolve().parents[2]
DATA = REPO / "data" / "mnist"
TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

# What a child process prints: facts that hold for the right arrays only.
FACTS = """
import digits
print([(*array.shape, float(array[::97].sum(dtype="float64"))) for array in digits.get_mnist()])
"""

# Where the children keep their bytecode, or twenty of them would spend their time compiling NumPy.
BYTECODE = tempfile.TemporaryDirectory(prefix="digits-bytecode-")


@pytest.fixture(scope="module")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for DIGITS_CACHE in which the cache is already built."""
    folder = tmp_path_factory.mktemp("warm")
    finish(start(FACTS, folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def facts(warm_cache: Path) -> str:
    """What a process that got the right arrays prints."""
    return finish(start(FACTS, warm_cache))


@pytest.fixture(scope="module")
def arrays(warm_cache: Path) -> tuple[np.ndarray, ...]:
    """What get_mnist returns from the warm cache; the first tests below show that it is right."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITS_CACHE", str(warm_cache))
        result: tuple[np.ndarray, ...] = load().get_mnist()
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with copies of the four files, for a test to damage."""
    return Path(shutil.copytree(DATA, tmp_path / "files"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder, named by DIGITS_CACHE, that does not exist yet."""
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setenv("DIGITS_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)  # 220 MB a test, which pytest would keep


@pytest.fixture
def damaged_cache(warm_cache: Path, cache: Path) -> Path:
    """A copy of the warm cache, for a test to damage; the large files are links."""

    def copy(source: str, target: str) -> None:
        (os.link if "X" in Path(source).name else shutil.copy)(source, target)

    return Path(shutil.copytree(warm_cache, cache, copy_function=copy))


@pytest.fixture
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path, named by DIGITS_CACHE, where not even root can make a folder: it is below a file."""
    (tmp_path / "a-file").write_text("")
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setenv("DIGITS_CACHE", str(tmp_path / "a-file" / "cache"))
    return tmp_path / "a-file" / "cache"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A loopback server of the folder tmp_path/"mirrors"; gives its address."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "mirrors")
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as loopback:
        threading.Thread(target=loopback.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{loopback.server_port}"
        loopback.shutdown()


def load(folder: Path = REPO) -> Any:
    """Import digits.py from `folder`; where there is none, from a copy made there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "digits.py").exists():
        shutil.copy(REPO / "digits.py", folder)
    spec = importlib.util.spec_from_file_location("digits", folder / "digits.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(code: str, cache: Path, folder: Path = REPO, **environment: str) -> Any:
    """Start a Python process that runs `code` beside the digits.py of `folder`."""
    usual = {**os.environ, "PYTHONPYCACHEPREFIX": BYTECODE.name, "PYTHONDONTWRITEBYTECODE": ""}
    usual.pop("DIGITS_DATA", None)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**usual, "DIGITS_CACHE": str(cache), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: Any) -> str:
    """Return what the process printed, once it ended without an error."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return str(output)


def stop_while_writing(process: Any, cache: Path, array: str) -> bool:
    """Stop the process while it writes `array` into its scratch folder, False if it is too fast."""
    while process.poll() is None:
        if list(cache.glob(f"building-*/new/{array}.npy")):
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            return not list(cache.glob("mnist-*"))
        time.sleep(0.0005)
    return False


def contents(cache: Path) -> list[str]:
    """The names in a cache folder, besides that of the empty file that serves as the lock."""
    return sorted(path.name for path in cache.iterdir() if path.name != "lock")


def assert_right(arrays: tuple[np.ndarray, ...], right: tuple[np.ndarray, ...]) -> None:
    assert [array.dtype for array in arrays] == [array.dtype for array in right]
    assert all(np.array_equal(*pair) for pair in zip(arrays, right, strict=True))


def flip_a_byte(path: Path) -> None:
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# The arrays


def test_arrays_have_the_promised_shapes(arrays):
    shapes = [array.shape for array in arrays]
    assert shapes == [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]


def test_images_are_float32_and_labels_int64(arrays):
    assert [array.dtype for array in arrays] == [np.float32, np.int64, np.float32, np.int64]


def test_pixels_reach_exactly_from_minus_one_to_one(arrays):
    trX, _, tsX, _ = arrays
    assert (trX.min(), trX.max(), tsX.min(), tsX.max()) == (-1.0, 1.0, -1.0, 1.0)


def test_every_pixel_is_x_times_2_over_255_minus_1(arrays):
    content = gzip.decompress((DATA / f"{TEST_IMAGES}.gz").read_bytes())
    pixels = np.frombuffer(content, np.uint8, offset=16).reshape(10000, 28, 28)
    np.testing.assert_array_equal(arrays[2], pixels.astype(np.float32) * 2 / 255 - 1)


def test_labels_are_in_the_original_order(arrays):
    _, trY, _, tsY = arrays
    assert trY[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert tsY[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_all_ten_digits_occur(arrays):
    assert set(arrays[1].tolist()) == set(arrays[3].tolist()) == set(range(10))


# The cache


def test_a_change_in_place_is_seen_by_nobody_else(warm_cache, facts):
    change = """
import digits
for array in digits.get_mnist(): array[:] = 7
assert all((array != 7).any() for array in digits.get_mnist()), "the next call sees the change"
"""
    finish(start(change, warm_cache))
    assert finish(start(FACTS, warm_cache)) == facts


def test_a_warm_call_needs_no_files_and_writes_nothing(warm_cache, facts, tmp_path):
    cache = Path(shutil.copytree(warm_cache, tmp_path / "copy", ignore=lambda *_: ["lock"]))
    load(tmp_path / "alone")
    alone = "import digits; digits.MIRRORS = ()" + FACTS
    output = finish(start(alone, cache, tmp_path / "alone", DIGITS_DATA="/nonexistent"))
    assert (output, os.listdir(cache)) == (facts, contents(warm_cache))


def test_a_warm_call_does_not_import_pooch(warm_cache):
    code = "import sys, digits; digits.get_mnist(); assert 'pooch' not in sys.modules"
    finish(start(code, warm_cache))


def test_twenty_processes_at_once_build_one_cache(cache, facts):
    processes = [start(FACTS, cache) for _ in range(20)]
    assert {finish(process) for process in processes} == {facts}
    assert contents(cache) == [load().CACHE_NAME]


def test_processes_without_locks_build_one_cache(cache, facts, tmp_path):
    """As on Windows, which has no fcntl."""
    load(tmp_path / "data" / "unlocked")
    (tmp_path / "data" / "unlocked" / "fcntl.py").write_text("raise ImportError")
    os.symlink(DATA, tmp_path / "data" / "mnist")
    processes = [start(FACTS, cache, tmp_path / "data" / "unlocked") for _ in range(2)]
    assert {finish(process) for process in processes} == {facts}
    assert contents(cache) == [load().CACHE_NAME]


@pytest.mark.parametrize("array", ["trX", "tsX"])
def test_a_build_that_was_killed_is_made_good_by_the_next_call(cache, arrays, array):
    for _ in range(10):
        killed = start(FACTS, cache)
        caught = stop_while_writing(killed, cache, array)
        killed.kill()
        killed.communicate()
        if caught:
            break
        shutil.rmtree(cache)
    else:
        pytest.fail("in ten attempts, no process could be killed while it built the cache")
    assert [name[:9] for name in contents(cache)] == ["building-"]
    assert_right(load().get_mnist(), arrays)
    assert contents(cache) == [load().CACHE_NAME]


def test_a_living_builder_is_left_alone(cache, facts):
    for _ in range(10):
        slow = start(FACTS, cache)
        if stop_while_writing(slow, cache, "trX"):
            break
        slow.send_signal(signal.SIGCONT)
        finish(slow)
        shutil.rmtree(cache)
    else:
        pytest.fail("in ten attempts, no process could be stopped while it built the cache")
    before = contents(cache)
    second = start(FACTS, cache)
    time.sleep(0.6)  # enough for the second to import NumPy and come to the lock
    assert contents(cache) == before
    slow.send_signal(signal.SIGCONT)
    assert finish(slow) == finish(second) == facts
    assert contents(cache) == [load().CACHE_NAME]


def test_scratch_folders_of_unlocked_builders_are_removed_by_age_only(cache):
    for name, age in (("building-unlocked-old", 2 * 86400), ("building-unlocked-new", 60)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - age,) * 2)
    with load().turn_to_build(cache) as scratch:
        assert contents(cache) == sorted([scratch.name, "building-unlocked-new"])
    assert contents(cache) == ["building-unlocked-new"]


def truncate(folder: Path) -> None:
    os.truncate(folder / "trY.npy", 100_000)


def lengthen(folder: Path) -> None:
    with open(folder / "trY.npy", "ab") as file:
        file.write(b"more")


def scramble_header(folder: Path) -> None:
    with open(folder / "tsY.npy", "r+b") as file:
        file.write(b"\0" * 64)


def empty(folder: Path) -> None:
    os.truncate(folder / "tsY.npy", 0)


def remove_one(folder: Path) -> None:
    (folder / "tsX.npy").unlink()


def turn_into_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


@pytest.mark.parametrize(
    "damage", [truncate, lengthen, scramble_header, empty, remove_one, turn_into_a_file]
)
def test_damage_to_the_cache_is_noticed(damaged_cache, damage):
    digits = load()
    assert digits.open_cache(damaged_cache / digits.CACHE_NAME) is not None
    damage(damaged_cache / digits.CACHE_NAME)
    assert digits.open_cache(damaged_cache / digits.CACHE_NAME) is None


@pytest.mark.parametrize("damage", [truncate, turn_into_a_file])
def test_a_damaged_cache_is_built_again(damaged_cache, arrays, damage):
    digits = load()
    damage(damaged_cache / digits.CACHE_NAME)
    assert_right(digits.get_mnist(), arrays)
    assert contents(damaged_cache) == [digits.CACHE_NAME]
    assert digits.open_cache(damaged_cache / digits.CACHE_NAME) is not None


def test_without_a_place_for_the_cache_the_arrays_stay_in_memory(no_cache, arrays):
    assert_right(load().get_mnist(), arrays)
    assert not no_cache.exists()


def test_with_a_full_disk_the_arrays_stay_in_memory(cache, facts):
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n"
    assert finish(start(full + FACTS, cache)) == facts
    assert contents(cache) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user who is in no list")
def test_a_user_without_a_home_has_no_cache_folder(tmp_path):
    homeless = """
import os, digits
for name in ("DIGITS_CACHE", "HOME", "XDG_CACHE_HOME"):
    os.environ.pop(name, None)  # of these, a machine may have none
os.setuid(54321)
print(digits.cache_folder())
"""
    assert finish(start(homeless, tmp_path)) == f"/dev/null/{load().CACHE_NAME}\n"


# The four files


@pytest.mark.parametrize("place", ["", "data/mnist", "../data/mnist", "../../data/mnist"])
def test_the_files_are_found_beside_digits_and_in_folders_above(cache, tmp_path, place):
    nested = tmp_path / "repo" / "autograded" / "ada"
    digits = load(nested)
    shutil.copytree(DATA, nested / place, dirs_exist_ok=True)
    found = [digits.find(file, cache) for file in digits.FILES]
    assert found == [(nested / place).resolve() / f"{name}.gz" for name in NAMES]


def test_a_copy_in_a_nested_folder_builds_from_the_repository(cache, arrays, tmp_path):
    nested = load(tmp_path / "repo" / "autograded" / "ada" / "optimization")
    nested.MIRRORS = ()
    shutil.copytree(DATA, tmp_path / "repo" / "data" / "mnist")
    assert_right(nested.get_mnist(), arrays)


def test_uncompressed_files_do_as_well(cache, arrays, data, monkeypatch):
    for name in NAMES:
        (data / name).write_bytes(gzip.decompress((data / f"{name}.gz").read_bytes()))
        (data / f"{name}.gz").unlink()
    monkeypatch.setenv("DIGITS_DATA", str(data))
    assert_right(load().get_mnist(), arrays)


def test_digits_data_without_the_files_is_an_error_that_names_it(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_DATA", str(tmp_path / "typo"))
    with pytest.raises(FileNotFoundError) as caught:
        load().get_mnist()
    for part in ("DIGITS_DATA", str(tmp_path / "typo"), f"{TRAIN_IMAGES}.gz"):
        assert part in str(caught.value)


def damage_report(data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the message of the error that damaged files in the folder `data` lead to."""
    monkeypatch.setenv("DIGITS_DATA", str(data))
    digits = load()
    with pytest.raises(digits.DamagedData) as caught:
        digits.get_mnist()
    return str(caught.value)


@functools.cache
def expected_sha256(name: str) -> str:
    return sha256(gzip.decompress((DATA / f"{name}.gz").read_bytes()))


@pytest.mark.parametrize("name", [TRAIN_IMAGES, TEST_LABELS])
def test_a_flipped_byte_in_a_compressed_file_is_reported(cache, data, monkeypatch, name):
    flip_a_byte(data / f"{name}.gz")
    report = damage_report(data, monkeypatch)
    for part in (
        str(data / f"{name}.gz"),
        expected_sha256(name),
        "sha256 found",
        "Delete the file",
    ):
        assert part in report


def test_a_flipped_byte_in_an_uncompressed_file_is_reported(cache, data, monkeypatch):
    content = bytearray(gzip.decompress((data / f"{TRAIN_LABELS}.gz").read_bytes()))
    content[-1] ^= 1
    (data / f"{TRAIN_LABELS}.gz").unlink()
    (data / TRAIN_LABELS).write_bytes(content)
    report = damage_report(data, monkeypatch)
    for part in (str(data / TRAIN_LABELS), expected_sha256(TRAIN_LABELS), sha256(bytes(content))):
        assert part in report


@pytest.mark.parametrize("lost", [1, 5_000_000])
def test_a_truncated_file_is_reported(cache, data, monkeypatch, lost):
    path = data / f"{TRAIN_IMAGES}.gz"
    os.truncate(path, path.stat().st_size - lost)
    report = damage_report(data, monkeypatch)
    for part in (str(path), expected_sha256(TRAIN_IMAGES), "cannot be decompressed", "Delete"):
        assert part in report


def test_an_empty_file_is_reported(cache, data, monkeypatch):
    (data / f"{TRAIN_IMAGES}.gz").write_bytes(b"")
    report = damage_report(data, monkeypatch)
    assert f"sha256 found, of 0 bytes: {sha256(b'')}" in report


def test_a_file_that_is_no_gzip_is_reported(cache, data, monkeypatch):
    page = b"<html>Please log in</html>"
    (data / f"{TRAIN_IMAGES}.gz").write_bytes(page)
    report = damage_report(data, monkeypatch)
    for part in (str(data / f"{TRAIN_IMAGES}.gz"), expected_sha256(TRAIN_IMAGES), sha256(page)):
        assert part in report


def test_a_wrong_magic_number_is_reported(cache, data, monkeypatch):
    labels = gzip.decompress((data / f"{TEST_LABELS}.gz").read_bytes())
    wrong = b"\0\0\x0d\x01" + labels[4:]
    (data / f"{TEST_LABELS}.gz").write_bytes(gzip.compress(wrong))
    assert sha256(wrong) in damage_report(data, monkeypatch)


def test_after_an_error_nothing_is_left_in_the_cache(cache, data, monkeypatch):
    flip_a_byte(data / f"{TRAIN_IMAGES}.gz")
    damage_report(data, monkeypatch)
    assert contents(cache) == []


# The download


@pytest.fixture
def mirrors(tmp_path: Path) -> tuple[Path, Path]:
    """The folders of two mirrors, tmp_path/"mirrors"/first and second, both with the files."""
    first, second = tmp_path / "mirrors" / "first", tmp_path / "mirrors" / "second"
    shutil.copytree(DATA, first)
    shutil.copytree(DATA, second)
    return first, second


@pytest.fixture
def alone(tmp_path: Path, server: str, mirrors: tuple[Path, Path]) -> Any:
    """A digits.py with no files on its machine, and two mirrors on loopback."""
    digits = load(tmp_path / "alone")
    digits.MIRRORS = (f"{server}/first/", f"{server}/second/")
    return digits


def test_files_come_from_the_first_mirror_that_has_them(cache, alone, mirrors, arrays):
    shutil.rmtree(mirrors[0])
    assert_right(alone.get_mnist(), arrays)
    assert contents(cache) == ["downloads", alone.CACHE_NAME]
    assert sorted(os.listdir(cache / "downloads")) == sorted(f"{name}.gz" for name in NAMES)


def test_what_was_downloaded_is_found_the_next_time(cache, alone):
    shutil.copytree(DATA, cache / "downloads")
    found = [alone.find(file, cache / "downloads") for file in alone.FILES]
    assert found == [cache / "downloads" / f"{name}.gz" for name in NAMES]


def test_a_download_works_without_a_place_for_the_cache(no_cache, alone, arrays):
    assert_right(alone.get_mnist(), arrays)


def test_a_mirror_with_a_damaged_file_is_passed_over(cache, alone, mirrors, arrays):
    flip_a_byte(mirrors[0] / f"{TRAIN_IMAGES}.gz")
    assert_right(alone.get_mnist(), arrays)


def test_files_damaged_on_every_mirror_are_an_error_and_not_kept(cache, alone, mirrors):
    for mirror in mirrors:
        flip_a_byte(mirror / f"{TRAIN_IMAGES}.gz")
    with pytest.raises(alone.MissingData) as caught:
        alone.get_mnist()
    for part in (*alone.MIRRORS, expected_sha256(TRAIN_IMAGES), "sha256 found"):
        assert part in str(caught.value)
    assert contents(cache) == []


def test_without_any_mirror_the_error_says_what_to_do(cache, alone, mirrors):
    for mirror in mirrors:
        shutil.rmtree(mirror)
    with pytest.raises(alone.MissingData) as caught:
        alone.get_mnist()
    for part in (*alone.MIRRORS, "404", "network connection", f"{TRAIN_IMAGES}.gz", "DIGITS_DATA"):
        assert part in str(caught.value)


@pytest.mark.parametrize("package", ["pooch", "tqdm"])
def test_without_pooch_or_tqdm_the_error_says_what_to_install(cache, tmp_path, package):
    load(tmp_path / "alone")
    (tmp_path / "alone" / f"{package}.py").write_text(f"raise ImportError('no {package} here')")
    process = start(FACTS, cache, tmp_path / "alone")
    _, errors = process.communicate(timeout=60)
    for part in ("MissingData", f"{TRAIN_IMAGES}.gz", "pip install pooch tqdm", "DIGITS_DATA"):
        assert part in errors


# The progress bar


class Screen(io.StringIO):
    """What a bar is drawn on."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("batches", "drawn"), [(2814, True), (6, False)])
def test_bar_stands_above_what_a_training_prints_and_few_batches_have_none(
    monkeypatch, tmp_path, batches, drawn
):
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    with load(tmp_path).progress_bar(batches):
        assert ("Training" in screen.getvalue()) == drawn
    assert ("Training" in screen.getvalue()) == drawn
