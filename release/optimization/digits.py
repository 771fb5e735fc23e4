"""The MNIST digits as NumPy arrays, and a bar that shows how far a training on them is.

The first call of `get_mnist` on a machine decodes the four original files (found beside this file
or in a `data/mnist` folder above it, else downloaded) into a cache; later calls map the cache into
memory, which takes milliseconds. Two environment variables change where things are: DIGITS_DATA
names the folder of the four files, DIGITS_CACHE the folder of the cache.
"""

import gzip
import hashlib
import io
import os
import secrets
import shutil
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Labels = NDArray[np.int64]
Arrays = tuple[NDArray[Any], ...]  # trX, trY, tsX, tsY


class IdxFile(NamedTuple):
    """One of the four original files, and the array that is made of it."""

    array: str
    name: str
    shape: tuple[int, ...]
    sha256: str  # of the uncompressed file


# fmt: off
FILES = (
    IdxFile("trX", "train-images-idx3-ubyte", (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    IdxFile("trY", "train-labels-idx1-ubyte", (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    IdxFile("tsX", "t10k-images-idx3-ubyte", (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    IdxFile("tsY", "t10k-labels-idx1-ubyte", (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
# fmt: on
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
FORMAT = 1  # of the cached arrays: add one when their type, scale or layout changes
CACHE_NAME = f"mnist-{FORMAT}-{hashlib.sha256(repr(FILES).encode()).hexdigest()[:12]}"
HERE = Path(__file__).resolve().parent
PATIENCE = 60.0  # seconds to wait for another process that builds the cache
STALE = 24 * 3600.0  # seconds after which no builder is believed to be still at work


class _WithoutTraceback(Exception):
    """An error of which Jupyter shows the message only: there is no mistake in the notebook."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class DamagedData(_WithoutTraceback, ValueError):
    """A file's content is not that of the original MNIST file."""


class MissingData(_WithoutTraceback, FileNotFoundError):
    """A file is neither on this machine nor to be had from a mirror."""


def get_mnist() -> tuple[Images, Labels, Images, Labels]:
    """Return trX, trY, tsX, tsY: training images and labels, test images and labels.

    Images: (60000, 28, 28) and (10000, 28, 28), float32 from -1 (background) to 1 (ink).
    Labels: (60000,) and (10000,), int64 from 0 to 9. Both are in their original order.
    The arrays are yours: changing them changes neither the cache nor the next call's arrays.
    Raises DamagedData or MissingData, whose messages say what to do.
    """
    folder = cache_folder()
    trX, trY, tsX, tsY = open_cache(folder) or build_cache(folder)
    return trX, trY, tsX, tsY


def progress_bar(batches: int) -> Any:
    """Return a bar for a `with` block, whose `update()` is to be called after each batch.

    It stays silent in logs, and where nbgrader or Referee executes the notebook.
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore]

    silent = True if "NBGRADER_EXECUTION" in os.environ else None  # None: unless there is a screen
    delay = 0 if batches > 100 else 1  # seconds: none for a few batches, else above what is printed
    return tqdm(total=batches, desc="Training", unit="batch", delay=delay, disable=silent)


def cache_folder() -> Path:
    """Return the folder of this version's cache. It need not exist, nor be writable."""
    if given := os.environ.get("DIGITS_CACHE"):
        return Path(given) / CACHE_NAME
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        caches = "~/Library/Caches"
    else:
        caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(caches).expanduser() / "digits" / CACHE_NAME
    except RuntimeError:  # this user has no home, so a place where no folder can ever be
        return Path(os.devnull) / CACHE_NAME


def open_cache(folder: Path) -> Arrays | None:
    """Map the four cached arrays copy-on-write, or return None if one is absent or damaged."""
    arrays = []
    try:
        for file in FILES:
            path = folder / f"{file.array}.npy"
            mapped = np.load(path, mmap_mode="c")
            kind = np.float32 if len(file.shape) == 3 else np.int64
            whole = path.stat().st_size == mapped.offset + mapped.nbytes
            if not whole or mapped.shape != file.shape or mapped.dtype != kind:
                return None
            arrays.append(np.asarray(mapped))
    except Exception:
        return None
    return tuple(arrays)


def build_cache(folder: Path) -> Arrays:
    """Decode the four files, store them in `folder` if that is possible, and return the arrays."""
    with turn_to_build(folder.parent) as scratch:
        if arrays := open_cache(folder):  # another process built it while this one waited
            return arrays
        arrays = decode_files(folder.parent / "downloads", scratch)
        if scratch:
            with suppress(OSError):  # a full disk, say: the arrays then stay in memory
                store(arrays, scratch, folder)
        return open_cache(folder) or arrays


@contextmanager
def turn_to_build(caches: Path) -> Iterator[Path | None]:
    """Wait until no other process builds in `caches`, then lend a scratch folder inside it.

    Lends None if nothing can be written there, or if the other process does not finish.
    """
    with ExitStack() as stack:
        scratch = None
        with suppress(OSError):
            caches.mkdir(parents=True, exist_ok=True)
            locked = take_lock(stack.enter_context(open(caches / "lock", "a")))
            remove_leftovers(caches, locked)
            own = f"building-{'locked' if locked else 'unlocked'}-{secrets.token_hex(8)}"
            (caches / own).mkdir()
            stack.callback(shutil.rmtree, caches / own, ignore_errors=True)
            scratch = caches / own
        yield scratch


def take_lock(lock: IO[str]) -> bool:
    """Return True once `lock` is held, which ends with the process, or False if there are no locks.

    Raises TimeoutError if another process keeps the lock for longer than PATIENCE.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            import fcntl  # not on Windows

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{lock.name} is held by another process") from None
            time.sleep(0.05)
        except (ImportError, OSError):
            return False


def remove_leftovers(caches: Path, locked: bool) -> None:
    """Remove the scratch folders of builders that died, and no other.

    A builder holds the lock as long as it lives, so whoever holds it now knows that the others are
    dead. Builders that could not lock tell nothing of the kind: theirs are removed by age.
    """
    for scratch in caches.glob("building-*"):
        dead = locked and scratch.name.startswith("building-locked-")
        if dead or time.time() - scratch.stat().st_mtime > STALE:
            shutil.rmtree(scratch, ignore_errors=True)


def store(arrays: Arrays, scratch: Path, folder: Path) -> None:
    """Write the arrays into `scratch`, then make them appear as `folder` in one step."""
    new = scratch / "new"
    new.mkdir()
    for file, array in zip(FILES, arrays, strict=True):
        with open(new / f"{file.array}.npy", "wb") as out:
            np.save(out, array)
            out.flush()
            os.fsync(out.fileno())  # or a power cut could leave a cache of zeros
    if os.path.lexists(folder) and open_cache(folder) is None:
        os.rename(folder, scratch / "damaged")
    os.rename(new, folder)


def decode_files(downloads: Path, scratch: Path | None) -> Arrays:
    """Return the four arrays, scaled, in the order trX, trY, tsX, tsY."""
    return tuple(decode(read(file, downloads, scratch), file) for file in FILES)


def read(file: IdxFile, downloads: Path, scratch: Path | None) -> bytearray:
    """Return the file's content, uncompressed and checked, from this machine or from a mirror."""
    if path := find(file, downloads):
        cure = "Delete the file and run again, or restore it from the course repository."
        return unpack(path.read_bytes(), file, str(path), cure)
    return download(file, downloads, scratch)


def decode(content: bytearray, file: IdxFile) -> NDArray[Any]:
    """Return labels as (N,) int64, or pixels as (N, 28, 28) float32 from -1 to 1."""
    header = 4 + 4 * len(file.shape)  # bytes: magic number, then one int32 a dimension
    numbers = np.frombuffer(content, np.uint8, offset=header).reshape(file.shape)
    if numbers.ndim == 1:
        return numbers.astype(np.int64)
    images = numbers.astype(np.float32)
    images *= 2  # x * 2 / 255 - 1, in place
    images /= 255
    images -= 1
    return images


def find(file: IdxFile, downloads: Path) -> Path | None:
    """Return where the file is on this machine, compressed or not, or None.

    Raises MissingData if DIGITS_DATA names a folder that does not have it.
    """
    given = os.environ.get("DIGITS_DATA")
    above = [folder / "data" / "mnist" for folder in (HERE, *HERE.parents)]
    for folder in [Path(given)] if given else [HERE, *above, downloads]:
        for path in (folder / f"{file.name}.gz", folder / file.name):
            if os.path.isfile(path):
                return path
    if given:
        raise MissingData(
            f"{file.name}.gz (or {file.name}) is not in {given!r}, the folder that the environment "
            "variable DIGITS_DATA names. Put the four MNIST files there, or unset DIGITS_DATA."
        )
    return None


def unpack(packed: bytes, file: IdxFile, source: str, cure: str) -> bytearray:
    """Return `packed` decompressed if need be, or raise DamagedData if it is not the original."""
    content, problem = bytearray(), ""
    gzipped = packed.startswith(b"\x1f\x8b")
    stream = gzip.GzipFile(fileobj=io.BytesIO(packed)) if gzipped else io.BytesIO(packed)
    try:
        while chunk := stream.read1(1 << 16):
            content += chunk
    except (OSError, EOFError, zlib.error) as error:
        problem = f"; it cannot be decompressed to its end: {error}"
    found = hashlib.sha256(content).hexdigest()
    if problem or found != file.sha256:
        raise DamagedData(
            f"{source} is damaged, or is another file than the original of MNIST{problem}.\n"
            f"  sha256 expected, uncompressed: {file.sha256}\n"
            f"  sha256 found, of {len(content)} bytes: {found}\n  {cure}"
        )
    return content


def download(file: IdxFile, downloads: Path, scratch: Path | None) -> bytearray:
    """Return the file's content from the first mirror that has it whole, and keep a copy."""
    name = f"{file.name}.gz"
    by_hand = f"copy {name} into {HERE}, or set DIGITS_DATA to the folder of the four files"
    try:
        import pooch  # type: ignore[import-untyped,unused-ignore]

        fetch = pooch.HTTPDownloader(progressbar=True, chunk_size=1 << 16, timeout=30)
    except (ImportError, ValueError) as error:  # ValueError: pooch is there, tqdm is not
        raise MissingData(
            f"{name} is not on this machine, and cannot be downloaded ({error}). "
            f"Run `pip install pooch tqdm`, or {by_hand}."
        ) from None
    failures = []
    for mirror in MIRRORS:
        answer = io.BytesIO()
        print(f"Downloading {mirror}{name}", file=sys.stderr)
        try:
            fetch(mirror + name, answer, None)
            content = unpack(answer.getvalue(), file, mirror + name, "Nothing of it was kept.")
        except (OSError, DamagedData) as error:
            failures.append(f"\n- {mirror}{name}: {error}")
            continue
        if scratch:
            with suppress(OSError):  # the kept copy is a convenience
                (scratch / name).write_bytes(answer.getvalue())
                downloads.mkdir(exist_ok=True)
                os.replace(scratch / name, downloads / name)
        return content
    raise MissingData(
        f"{name} is not on this machine, and no mirror gave it. "
        f"Check the network connection and run again, or {by_hand}.{''.join(failures)}"
    )
