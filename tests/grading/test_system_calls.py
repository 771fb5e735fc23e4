"""What honest notebooks do works in a sandbox, although it allows only the system calls it lists.

Each piece ends with an error where something does not work. What is about libraries that this
course does not need (pandas, SciPy, scikit-learn, SymPy) runs where they are installed: name their
folder in SANDBOX_LIBRARIES, as `pip install --target` has filled it.
"""

import importlib.util
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from referee.grade.kernel import StudentKernel
from referee.model.limits import Limits

LIBRARIES = os.environ.get("SANDBOX_LIBRARIES", "")

WORKS = {
    "NumPy": """
import numpy as np
a = np.random.default_rng(1).normal(size=(300, 300))
assert np.allclose(np.linalg.inv(a) @ a, np.eye(300), atol=1e-6)
np.linalg.svd(a), np.linalg.eig(a), np.linalg.lstsq(a, a[0], rcond=None)
assert np.allclose(np.fft.ifft2(np.fft.fft2(a)).real, a)
np.save("/tmp/a.npy", a), np.savez_compressed("/tmp/a.npz", a=a)
assert (np.load("/tmp/a.npz")["a"] == a).all()
mapped = np.memmap("/tmp/mapped", dtype="f8", mode="w+", shape=(1000, 1000))
mapped[:] = 1
mapped.flush()
del mapped
assert np.memmap("/tmp/mapped", dtype="f8", mode="r").sum() == 10**6
assert np.load("/tmp/a.npy", mmap_mode="r")[1, 2] == a[1, 2]
""",
    "Matplotlib": """
import io
import matplotlib.pyplot as plt
figure, axes = plt.subplots(1, 2)
axes[0].plot([1, 2, 3], label=r"$\\alpha^2$")
axes[1].imshow([[1, 2], [3, 4]])
axes[0].legend()
for kind in ("png", "pdf", "svg"):
    figure.savefig(f"/tmp/figure.{kind}")
    figure.savefig(buffer := io.BytesIO(), format=kind)
    assert len(buffer.getvalue()) > 1000
plt.show()
""",
    "multiprocessing": """
import math, multiprocessing as mp, operator, os, queue, time
for method in mp.get_all_start_methods():
    ctx = mp.get_context(method)
    with ctx.Pool(2) as pool:
        assert pool.map(math.sqrt, [1, 4, 9]) == [1, 2, 3]
        assert pool.apply_async(pow, (2, 10)).get(60) == 1024
        assert list(pool.imap_unordered(abs, [-1, -1])) == [1, 1]
    ours, theirs = ctx.Pipe()
    child = ctx.Process(target=theirs.send, args=("sent",)) if method == "fork" else (
        ctx.Process(target=operator.methodcaller("send", "sent"), args=(theirs,)))
    child.start(), child.join()
    assert child.exitcode == 0 and ours.recv() == "sent"
    numbers = ctx.Queue()
    child = ctx.Process(target=operator.methodcaller("put", 7), args=(numbers,))
    child.start()
    assert numbers.get(timeout=60) == 7
    child.join()
    event, lock, value = ctx.Event(), ctx.RLock(), ctx.Value("i", 5)
    child = ctx.Process(target=operator.methodcaller("set"), args=(event,))
    child.start()
    assert event.wait(60)
    child.join()
    with lock, value.get_lock():
        value.value += 1
    assert list(ctx.Array("d", 3)) == [0, 0, 0]
    child = ctx.Process(target=time.sleep, args=(60,))
    child.start(), child.terminate(), child.join()
    assert child.exitcode == -15
with mp.Manager() as manager:
    shared = manager.dict(a=1)
    shared["b"] = 2
    assert dict(shared) == {"a": 1, "b": 2}
""",
    "shared memory with a name": """
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=10000)
memory.buf[0] = 7
other = shared_memory.SharedMemory(memory.name)
assert other.buf[0] == 7
other.close(), memory.close(), memory.unlink()
""",
    "concurrent.futures": """
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
for kind in (ProcessPoolExecutor, ThreadPoolExecutor):
    with kind(2) as pool:
        assert list(pool.map(math.factorial, range(5))) == [1, 1, 2, 6, 24]
        assert pool.submit(pow, 2, 3).result(60) == 8
""",
    "asyncio": """
import asyncio, sys
async def main():
    await asyncio.sleep(0.01)
    assert await asyncio.to_thread(pow, 2, 3) == 8
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(6 * 7)", stdout=asyncio.subprocess.PIPE)
    assert (await child.communicate())[0] == b"42\\n" and child.returncode == 0
    shell = await asyncio.create_subprocess_shell("exit 3")
    assert await shell.wait() == 3
    server = await asyncio.start_unix_server(
        lambda reader, writer: (writer.write(b"hello"), writer.close()), "/tmp/asyncio")
    reader, _ = await asyncio.open_unix_connection("/tmp/asyncio")
    assert await reader.read() == b"hello"
    server.close()
    waited_for = (asyncio.wait_for(asyncio.sleep(0, n), 5) for n in (1, 2))
    assert await asyncio.gather(*waited_for) == [1, 2]
await main()
import threading
def in_a_loop_of_its_own():
    asyncio.run(main())
    done.append(1)
done = []
thread = threading.Thread(target=in_a_loop_of_its_own)
thread.start(), thread.join()
assert done
""",
    "threads": """
import queue, threading
numbers, lock, local = queue.Queue(), threading.Lock(), threading.local()
def work(number):
    local.number = number
    with lock:
        numbers.put(local.number)
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
assert sorted(numbers.get() for _ in range(20)) == list(range(20))
assert not threading.Event().wait(0.01) and threading.Condition() and threading.get_native_id()
timer = threading.Timer(0.01, numbers.put, (1,))
timer.start()
assert numbers.get(timeout=60) == 1
""",
    "subprocess": """
import subprocess, sys
assert b"tmp" in subprocess.run(["ls", "-la", "/"], capture_output=True, check=True).stdout
count = "seq 100 | sort -n | grep 9 | wc -l"
assert subprocess.run(count, shell=True, capture_output=True, text=True).stdout.strip() == "19"
cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
assert cat.communicate(b"x" * 10**6, timeout=60)[0] == b"x" * 10**6
try:
    subprocess.run(["sleep", "60"], timeout=0.1)
except subprocess.TimeoutExpired:
    pass
script = "cd /tmp; mkdir -p s; echo 1 > s/a; cp -r s t; mv t u; ln -s u v; chmod 700 u; touch u/b;"
script += "find u -type f | xargs cat; tar cf u.tar u; tar xf u.tar; gzip -f u.tar; rm -r s u v;"
script += "sync; df .; du -s .; stat .; id; date; uname -a; sleep 0.01; nproc; true"
subprocess.run(["sh", "-ec", script], check=True, capture_output=True)
subprocess.run([sys.executable, "-c", "import os; os.fork()"], check=True, start_new_session=True)
get_ipython().system("echo from the shell")
assert get_ipython().getoutput("echo 1; echo 2") == ["1", "2"]
""",
    "sqlite3": """
import sqlite3
for place in (":memory:", "/tmp/some.db"):
    base = sqlite3.connect(place)
    base.execute("pragma journal_mode = wal")
    base.execute("create table t (a)")
    base.executemany("insert into t values (?)", [(n,) for n in range(1000)])
    base.commit()
    assert base.execute("select sum(a) from t").fetchone() == (499500,)
    base.execute("vacuum")
    base.close()
""",
    "files": """
import fcntl, glob, gzip, io, mmap, os, pathlib, shutil, stat, tempfile, zipfile
for kind in (tempfile.TemporaryFile, tempfile.NamedTemporaryFile, tempfile.SpooledTemporaryFile):
    with kind() as file:
        file.write(b"1" * 10**6), file.seek(0)
        assert len(file.read()) == 10**6
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    a, b = folder / "a", folder / "b"
    a.write_bytes(os.urandom(10**6))
    shutil.copy(a, b), shutil.copy2(a, folder / "c"), shutil.copytree("/files", folder / "d")
    shutil.move(b, folder / "e"), shutil.make_archive(folder / "z", "zip", folder / "d")
    with open(a, "rb") as source, open(b, "wb") as target:
        assert os.copy_file_range(source.fileno(), target.fileno(), 1000) == 1000
        assert os.sendfile(target.fileno(), source.fileno(), 0, 1000) == 1000
        target.truncate(10), os.fsync(target.fileno()), os.fdatasync(target.fileno())
        os.posix_fallocate(target.fileno(), 0, 10), os.posix_fadvise(target.fileno(), 0, 0, 0)
        fcntl.flock(target, fcntl.LOCK_EX), fcntl.lockf(target, fcntl.LOCK_UN)
        os.pwrite(target.fileno(), b"x", 5), os.pwritev(target.fileno(), [b"y"], 3)
        assert os.pread(source.fileno(), 5, 0) and os.statvfs(a).f_bsize and os.fstatvfs(0)
    os.symlink("a", folder / "l"), os.link(a, folder / "h"), os.mkfifo(folder / "fifo")
    os.chmod(a, 0o600), os.utime(a, (1, 2)), os.rename(folder / "h", folder / "i")
    os.access(a, os.R_OK), os.chown(a, os.getuid(), os.getgid()), os.readlink(folder / "l")
    os.umask(0o022)
    try:
        os.setxattr(a, "user.a", b"1")
    except OSError as error:  # not on a tmpfs before Linux 6.6
        assert error.errno == 95
    assert os.listxattr(a) in (["user.a"], [])
    assert sorted(os.scandir(folder), key=str) and list(os.walk(folder))
    with gzip.open(folder / "g", "wt") as file:
        file.write("text")
    with open(a, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        assert view[:5] == a.read_bytes()[:5]
with mmap.mmap(-1, 10000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
    memory[0] = 1
    memory.madvise(mmap.MADV_DONTNEED), memory.resize(20000)
with open("/tmp/grows", "w+b") as file:
    file.write(b"x" * 5000), file.flush()
    with mmap.mmap(file.fileno(), 0) as memory:
        memory[:3] = b"abc"
        memory.flush()
os.sync()
assert open("/tmp/grows", "rb").read(3) == b"abc"
""",
    "time and signals": """
import os, resource, signal, threading, time
got = []
signal.signal(signal.SIGALRM, lambda number, frame: got.append(number))
signal.alarm(1), signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0.01), time.sleep(0.1)
assert got == [signal.SIGALRM] * 2
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
assert signal.sigtimedwait([signal.SIGUSR1], 5) and signal.sigpending() == set()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
signal.signal(signal.SIGUSR1, lambda number, frame: got.append(number))
signal.pthread_kill(threading.get_ident(), signal.SIGUSR1), signal.raise_signal(signal.SIGUSR1)
signal.pidfd_send_signal(os.pidfd_open(os.getpid()), signal.SIGUSR1)
assert len(got) == 5
for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_PROCESS_CPUTIME_ID):
    assert time.clock_gettime(clock) and time.clock_getres(clock)
assert time.localtime() and time.perf_counter_ns() and time.thread_time() and time.time()
assert os.times()
""",
    "waiting": """
import os, select, selectors, socket
for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
    ours, theirs = socket.socketpair()
    with kind() as selector, ours, theirs:
        selector.register(ours, selectors.EVENT_READ)
        assert selector.select(0.01) == []
        theirs.sendall(b"1")
        assert selector.select(5)
number = os.eventfd(3)
assert os.eventfd_read(number) == 3
""",
    "sockets": """
import array, errno, socket, ssl, threading, urllib.request
from socketserver import TCPServer, BaseRequestHandler
ours, theirs = socket.socketpair()
assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
socket.send_fds(theirs, [b"1"], [0]), socket.recv_fds(ours, 10, 1)
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
    with socket.socket(family) as one:
        one.settimeout(1)
with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket() as two:
    two.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    two.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    two.bind(("127.0.0.1", 0)), two.listen()
    one.bind(("127.0.0.1", 0))
assert socket.getaddrinfo("127.0.0.1", 80) and socket.gethostname() and socket.if_nameindex()
try:
    socket.getaddrinfo("example.org", 80)
except socket.gaierror:
    pass
context = ssl.create_default_context()
wrapped = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="example.org")
try:
    wrapped.do_handshake()
except ssl.SSLWantReadError:
    pass
try:
    urllib.request.urlopen("http://127.0.0.1:9", timeout=2)
except OSError as error:
    assert error.reason.errno in (errno.ECONNREFUSED, errno.ENETUNREACH), error
""",
    "ZeroMQ": """
import zmq
with zmq.Context() as context:
    for address in ("inproc://a", "ipc:///tmp/zmq"):
        with context.socket(zmq.REP) as server, context.socket(zmq.REQ) as client:
            server.bind(address), client.connect(address)
            client.send(b"question")
            assert server.recv() == b"question" and server.send(b"answer") is None
            assert client.poll(5000) and client.recv() == b"answer"
""",
    "the system": """
import ctypes, faulthandler, getpass, io, locale, os, platform, random, resource, secrets, sys, uuid
assert resource.getrlimit(resource.RLIMIT_AS) and resource.getrusage(resource.RUSAGE_CHILDREN)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
resource.prlimit(0, resource.RLIMIT_CPU)
cores = os.sched_getaffinity(0)
os.sched_setaffinity(0, cores), os.sched_yield(), os.nice(0), os.getpriority(os.PRIO_PROCESS, 0)
os.sched_getscheduler(0), os.sched_getparam(0), os.sched_get_priority_max(os.SCHED_RR)
os.getloadavg(), os.uname(), os.getgroups(), os.getresuid(), os.getpgrp(), os.getsid(0)
os.setuid(os.getuid()), os.setgid(os.getgid()), platform.platform(), os.cpu_count()
locale.setlocale(locale.LC_ALL, ""), locale.getlocale(), locale.localeconv()
libc = ctypes.CDLL(None, use_errno=True)
assert libc.getpid() == os.getpid() and libc.prctl(15, b"name") == 0
assert ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 5)() == 5  # memory that is written and executed
with open("/tmp/trace", "w") as file:
    faulthandler.dump_traceback(file), faulthandler.enable(file), faulthandler.disable()
assert os.urandom(5) and os.getrandom(5) and secrets.token_hex() and uuid.uuid1()
assert not os.isatty(0)
ours, theirs = os.pipe()
os.set_inheritable(ours, True), os.dup2(ours, os.dup(theirs)), os.set_blocking(theirs, False)
child = os.fork()
if child == 0:
    os.execv(sys.executable, [sys.executable, "-c", "raise SystemExit(7)"])
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
child = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ, setsid=True)
assert os.waitid(os.P_PIDFD, os.pidfd_open(child), os.WEXITED).si_status == 0
import psutil
process = psutil.Process()
process.memory_info(), process.cpu_times(), process.open_files(), process.num_threads()
process.ionice()
psutil.virtual_memory(), psutil.cpu_percent(), list(psutil.process_iter()), psutil.net_if_addrs()
""",
    "IPython": """
import tqdm
get_ipython().run_line_magic("timeit", "-n 2 -r 2 sum(range(10))")
get_ipython().run_line_magic("time", "sum(range(10))")
get_ipython().run_cell_magic("bash", "", "echo from bash")
get_ipython().run_cell_magic("writefile", "/tmp/module.py", "a = 1")
get_ipython().run_cell_magic("capture", "", "print(1)")
assert list(tqdm.tqdm(range(3))) == [0, 1, 2]
from IPython.display import display, HTML
display(HTML("<b>1</b>"))
""",
    "pandas": """
import numpy as np, pandas as pd
frame = pd.DataFrame({"a": np.arange(1000) % 7, "b": np.random.rand(1000)})
assert len(frame.groupby("a").b.agg(["mean", "std"])) == 7
frame.to_csv("/tmp/f.csv", index=False), frame.to_json("/tmp/f.json"), frame.to_pickle("/tmp/f.gz")
assert len(pd.read_csv("/tmp/f.csv").merge(frame, on="a")) > 1000
assert len(pd.read_csv("/tmp/f.csv", memory_map=True)) == 1000
pd.date_range("2026-01-01", periods=10, tz="Europe/Berlin")
frame.describe(), frame.rolling(3).mean()
import sqlite3
with sqlite3.connect("/tmp/pandas.db") as base:
    frame.to_sql("t", base), pd.read_sql("select * from t", base)
""",
    "pyarrow": """
import pandas as pd
pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet("/tmp/f.parquet")
assert pd.read_parquet("/tmp/f.parquet").a.sum() == 3
""",
    "scipy": """
import numpy as np
from scipy import fft, integrate, interpolate, linalg, optimize, signal, sparse, stats
assert optimize.minimize(optimize.rosen, [2, 2, 2]).success
optimize.differential_evolution(
    optimize.rosen, [(0, 2)] * 2, workers=2, updating="deferred", maxiter=5)
assert abs(integrate.quad(np.sin, 0, np.pi)[0] - 2) < 1e-9
assert integrate.solve_ivp(lambda t, y: -y, (0, 5), [1]).success
a = np.random.rand(200, 200)
linalg.expm(a / 100), linalg.lu(a), fft.fft(a, workers=2)
sparse.linalg.svds(sparse.csr_matrix(a), 3)
stats.ttest_ind(a[0], a[1]), interpolate.CubicSpline(range(200), a[0]), signal.fftconvolve(a, a)
""",
    "sklearn": """
import numpy as np
from joblib import Memory, Parallel, delayed
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
data, labels = load_iris(return_X_y=True)
assert RandomForestClassifier(n_estimators=20, n_jobs=2).fit(data, labels).score(data, labels) > 0.9
for backend in ("loky", "multiprocessing", "threading"):
    assert Parallel(n_jobs=2, backend=backend)(delayed(pow)(n, 2) for n in range(4)) == [0, 1, 4, 9]
big = np.ones((300, 1000))
assert Parallel(n_jobs=2, max_nbytes=1000)(delayed(np.sum)(big) for _ in range(3)) == [300_000] * 3
scores = cross_val_score(LogisticRegression(max_iter=1000), data, labels, n_jobs=2)
assert scores.mean() > 0.9
GridSearchCV(LogisticRegression(max_iter=1000), {"C": [1, 2]}, n_jobs=2).fit(data, labels)
HistGradientBoostingClassifier(max_iter=5).fit(data, labels), KMeans(3).fit(data)
Memory("/tmp/memory", verbose=0).cache(abs)(-1)
""",
    "sympy": """
import sympy as sp
x = sp.symbols("x")
assert sp.integrate(sp.sin(x) ** 2, (x, 0, sp.pi)) == sp.pi / 2
assert sp.lambdify(x, sp.diff(sp.exp(x**2)))(0) == 0
sp.solve(x**3 - 2 * x + 1), sp.latex(sp.Matrix([[x, 1], [1, x]]).inv())
""",
}
# These need the libraries of their names, which are looked for where the kernel looks.
NOT_OURS = ("pandas", "pyarrow", "scipy", "sklearn", "sympy")


def installed(library: str) -> bool:
    return importlib.util.find_spec(library) is not None or Path(LIBRARIES, library).is_dir()


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudentKernel]:
    folder = tmp_path_factory.mktemp("submission")
    (folder / "data.csv").write_text("a,b\n1,2\n")
    config = Config(Limits={"restarts": 0, "cell_cpu": 100, "cell_wall": 200})
    if LIBRARIES:
        config.SandboxProvisioner.read_only = [LIBRARIES]
    with StudentKernel(folder, Limits(config=config), config) as kernel:
        if LIBRARIES:
            kernel.run(f"import os, sys; sys.path.append({LIBRARIES!r})")
            kernel.run(f"os.environ['PYTHONPATH'] = {LIBRARIES!r}")  # of processes it starts
        yield kernel


@pytest.mark.grades
@pytest.mark.xdist_group("system calls")
@pytest.mark.parametrize("name", WORKS)
def test_works_in_a_sandbox(student: StudentKernel, name: str) -> None:
    if name in NOT_OURS and not installed(name):
        pytest.skip(f"{name} is not installed")
    outputs = student.run(WORKS[name])
    errors = [output for output in outputs if output.output_type == "error"]
    assert not errors, "\n".join(errors[0].traceback)


ANSWERS = """
import ctypes, errno, os, platform
call = ctypes.CDLL(None, use_errno=True).syscall
def refused(number):
    assert call(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6) == -1
    return errno.errorcode[ctypes.get_errno()]
assert refused(425) == "EPERM"  # io_uring_setup
assert {refused(number) for number in (435, 440, 451, 467, 600)} == {"ENOSYS"}
"""
# Ask for the number of the process by the calls of 32 bits, and by those that x32 has.
OTHER_NUMBERS = """
import ctypes, mmap, os, signal
assert refused(0x40000000 + 39) == "ENOSYS"
code = bytes.fromhex("b814000000 cd80 c3")  # mov eax, 20; int 0x80; ret
memory = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
                   mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(code)
function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
if (child := os.fork()) == 0:
    function()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGSYS
"""


@pytest.mark.grades
@pytest.mark.xdist_group("system calls")
def test_refused_calls_have_the_answers_that_libraries_expect(student: StudentKernel) -> None:
    assert student.run(ANSWERS) == []
    if platform.machine() == "x86_64":
        assert student.run(OTHER_NUMBERS) == []
