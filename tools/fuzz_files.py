"""Damaged files for the loaders, for as long as you like: python -m tools.fuzz_files [SECONDS]

Each loader may load a file or raise `FileError`; nothing else, not for long, and with no more
memory than twice the file's size and `ROOM`. A file that does something else is kept in the folder
`fuzz-findings`. Files are tried in processes of their own, so that a crash in HDF5's library is a
finding too. All times are those of the processor, so that a busy machine finds the same.

What is damaged are our own files and those that genuine versions wrote (tests/golden).
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from keras.models import load_model, model_from_json, model_from_yaml
from keras.saving import FileError, prefetch
from keras.saving.info import describe
from tests.saving import damage

FINDINGS = Path("fuzz-findings")
PEAK = Path("/proc/self/clear_refs")  # of Linux
GOLDEN = [Path("tests/golden/files"), Path("tests/golden/files_later")]
LIMIT = 10  # seconds for a file
TURN = 120  # seconds for a process
STUCK = TURN + 60  # seconds after which the system ends a process that is stuck in C
ROOM = 8 << 20  # of memory: what a model takes, and the largest node of a tree that HDF5 reads

Loader = Callable[[bytes], Any]


Kind = tuple[list[bytes], Loader, Callable[[bytes, random.Random], bytes]]
"""Files to begin with, what reads them, what damages them."""


def load(data: bytes) -> Any:
    return load_model(io.BytesIO(data))


def load_from_disk(data: bytes) -> Any:
    """From disk, numbers are read past HDF5's library; the outcome has to be the same as by its
    own reading. (It isn't in memory: what describes a file's driver is looked at only there.)"""
    path = FINDINGS / f"file-{os.getpid()}"
    path.write_bytes(data)
    try:
        found = damage.weights_or_refusal(path)
        try:
            with h5py.File(path, "r", driver="stdio") as file:
                expected = damage.weights_or_refusal(file)
        except OSError:
            expected = None
    finally:
        path.unlink()
    if expected is None or found is None:
        if found is not expected:
            raise AssertionError("one is refused, the other not")
        raise FileError("refused")
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def look(data: bytes) -> Any:
    return str(describe(io.BytesIO(data)))


def text_changed(data: bytes, draw: random.Random) -> bytes:
    return json.dumps(damage.replaced(json.loads(data), draw)).encode()


def cases() -> dict[str, Kind]:
    """The kinds of our own files."""
    made = damage.models()
    h5 = [damage.h5_bytes(m) for m in made.values()]
    other = [damage.laid_out(data, *how) for data in h5 for how in damage.LAYOUTS]
    more = [*h5, damage.h5_bytes(damage.long_model())]
    latest = [how for how in damage.LAYOUTS if "libver" in how[0]]
    newer = [damage.laid_out(data, *how) for data in more for how in latest]
    keras = [damage.keras_bytes(m) for m in made.values()]
    json_texts = [m.to_json().encode() for m in made.values()]
    yaml_texts = [m.to_yaml().encode() for m in made.values()]
    graph = made["graph"]
    weights = [damage.safetensors_bytes(graph)]
    return {
        "h5 bytes": (h5, load, damage.damaged),
        "h5 structure": (h5, load, damage.h5_with),
        "h5 info": (h5, look, damage.h5_with),
        "h5 disk bytes": (h5, load_from_disk, damage.damaged),
        "h5 disk structure": (h5, load_from_disk, damage.h5_with),
        "h5 layout bytes": (other, load, damage.damaged),
        "h5 layout structure": (other, load, damage.h5_with),
        "h5 layout disk bytes": (other, load_from_disk, damage.damaged),
        "h5 newer parts": (newer, load, damage.with_checksums),
        "h5 newer disk parts": (newer, load_from_disk, damage.with_checksums),
        "keras bytes": (keras, load, damage.damaged),
        "keras structure": (keras, load, damage.keras_with),
        "keras info": (keras, look, damage.keras_with),
        "json bytes": (json_texts, lambda d: model_from_json(d.decode("latin-1")), damage.damaged),
        "json structure": (json_texts, lambda d: model_from_json(d.decode()), text_changed),
        "yaml bytes": (yaml_texts, lambda d: model_from_yaml(d.decode("latin-1")), damage.damaged),
        "safetensors": (
            weights,
            lambda d: graph.load_weights(io.BytesIO(d)),
            damage.damaged,
        ),
    }


def genuine_cases() -> dict[str, Kind]:
    """The kinds of files that all versions wrote."""

    def files(ending: str) -> list[bytes]:
        return [p.read_bytes() for folder in GOLDEN for p in sorted(folder.glob("*" + ending))]

    h5, keras, texts, yaml = files(".h5"), files(".keras"), files(".json"), files(".yaml")
    texts = [text for text in texts if b"class_name" in text[:100]]
    beside = [p for folder in GOLDEN for p in sorted(folder.glob("*weights.h5"))]
    pairs = [(p, p.with_name(re.split(r"[_.]weights", p.name)[0] + ".json")) for p in beside]
    models = {
        p.read_bytes(): model_from_json(text.read_text()) for p, text in pairs if text.exists()
    }

    def into(model: Any) -> Loader:
        return lambda data: model.load_weights(
            io.BytesIO(data), by_name=bool(len(data) % 2), skip_mismatch=bool(len(data) % 2)
        )

    made: dict[str, Kind] = {
        "genuine h5 bytes": (h5, load, damage.damaged),
        "genuine h5 structure": (h5, load, damage.h5_with),
        "genuine h5 info": (h5, look, damage.h5_with),
        "genuine h5 disk bytes": (h5, load_from_disk, damage.damaged),
        "genuine h5 disk structure": (h5, load_from_disk, damage.h5_with),
        "genuine keras bytes": (keras, load, damage.damaged),
        "genuine keras structure": (keras, load, damage.keras_with),
        "genuine keras info": (keras, look, damage.keras_with),
        "genuine json": (texts, lambda d: model_from_json(d.decode()), text_changed),
        "genuine yaml": (yaml, lambda d: model_from_yaml(d.decode("latin-1")), damage.damaged),
    }
    for i, (data, model) in enumerate(models.items()):
        made[f"genuine weights {i} bytes"] = ([data], into(model), damage.damaged)
        made[f"genuine weights {i} structure"] = ([data], into(model), damage.h5_with)
    return made


def try_files(seed: int, until: float, found: Any) -> None:
    """One process: files until its processor time is over."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (STUCK, STUCK))
    draw = random.Random(seed)
    ours, genuine = cases(), genuine_cases()
    kinds = ours | genuine
    counts: Counter[str] = Counter()
    current = FINDINGS / f"current-{seed}"
    while time.process_time() < until:
        kind = draw.choice(list(draw.choice((ours, genuine))))
        files, loader, change = kinds[kind]
        data = change(draw.choice(files), draw)
        current.write_bytes(kind.encode() + b"\n" + data)
        prefetch.LEAST = draw.choice((1, 1 << 22))  # small files, too, by a thread
        said = outcome(loader, data)
        counts[said if said in ("loaded", "refused") else "findings"] += 1
        if said not in ("loaded", "refused"):
            name = f"{kind.replace(' ', '-')}-{abs(hash(said.splitlines()[-1])) % 10**8}"
            (FINDINGS / name).write_bytes(data)
            (FINDINGS / f"{name}.txt").write_text(said, errors="replace")
    current.unlink()
    found.put(counts)


def outcome(loader: Loader, data: bytes) -> str:
    """'loaded', 'refused', or what else happened."""

    def too_late(number: int, frame: Any) -> None:
        raise TimeoutError(f"more than {LIMIT} s")

    signal.signal(signal.SIGPROF, too_late)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    before = _memory("VmRSS")
    PEAK.write_text("5")  # the kernel's peak begins again
    try:
        loader(data)
        said = "loaded"
    except FileError:
        said = "refused"
    except BaseException:  # everything else is what is looked for
        said = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = _memory("VmHWM") - before
    return said if grown <= 2 * len(data) + ROOM else f"grew by {grown:,} bytes"


def _memory(name: str) -> int:
    """Bytes of this process by the kernel's name: resident now (VmRSS), at the peak (VmHWM)."""
    found = re.search(rf"^{name}:\s*(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    assert found is not None, f"the kernel doesn't say {name}"
    return int(found[1]) << 10


def main(seconds: float) -> int:
    """Start processes again and again until the time is over; 1 if something was found."""
    FINDINGS.mkdir(exist_ok=True)
    used, counts = 0.0, Counter[str]()
    context = multiprocessing.get_context("spawn")
    while used < seconds:
        seed = time.time_ns() % 10**9
        found = context.Queue()
        process = context.Process(target=try_files, args=(seed, min(TURN, seconds - used), found))
        process.start()
        process.join()
        if process.exitcode:
            counts["crashes"] += 1
            (FINDINGS / f"current-{seed}").rename(FINDINGS / f"crash-{process.exitcode}-{seed}")
        else:
            counts += found.get()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = children.ru_utime + children.ru_stime
        print(f"{used:6.0f} s {dict(counts)}", flush=True)
    return 1 if counts["findings"] or counts["crashes"] else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
