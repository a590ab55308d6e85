"""A real open-source model server, transformers' own, with a tiny model of random weights that is made here.

`real_model_server(folder)` runs it in a process of its own. Its answers are noise; its protocol is what people meet.
As a script this file is that process: it makes the model in the folder it stands in, and becomes `transformers serve`.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

MODEL = "tiny-llama"
START_S = 120.0
"""Longest that it may take to listen; some 10 s is usual."""
ENDS = 8
"""Tokens that end an answer: a random model says each about as often as any other, so its answers stay short."""
TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@dataclass(frozen=True)
class RealServer:
    """Where it answers, and with which model."""

    url: str
    """What OPENAI_BASE_URL would be."""
    pid: int
    model: str = MODEL


@contextmanager
def real_model_server(folder: Path) -> Iterator[RealServer]:
    """Run it for as long as the context is open; its files and its log lie in the folder."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve())]
    (folder / "hub").mkdir()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield RealServer(url=f"{_address(process, folder / 'log')}/v1", pid=process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _environment(folder: Path) -> dict[str, str]:
    given = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    offline = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HOME": str(folder), "HOME": str(folder)}
    return {**given, **offline, "USE_TF": "0", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def _address(process: subprocess.Popen, log: Path) -> str:
    """Where the server says it listens: it chooses a free port itself. RuntimeError where it says nothing of it."""
    lines: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_drain, args=(process, log, lines), daemon=True).start()
    end, said = time.monotonic() + START_S, ""
    while process.poll() is None and time.monotonic() < end:
        try:
            said += lines.get(timeout=0.2)
        except Empty:
            continue
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", said):
            return found[1]
    raise RuntimeError(f"the model server did not start; it said:\n{said[-2000:]}")


def _drain(process: subprocess.Popen, log: Path, lines: SimpleQueue[str]) -> None:
    """Keep reading, so that the server never waits for its log to be read."""
    with log.open("w", encoding="utf-8") as file:
        for line in process.stdout:
            lines.put(line)
            file.write(line)
            file.flush()


def make_model(folder: Path) -> None:
    """A Llama of two thin layers with random weights, and a tokenizer that learnt from gradproof's own source."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    ends = [f"<|end{n}|>" for n in range(ENDS)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1024, special_tokens=ends, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train(sorted(map(str, (Path(__file__).parents[1] / "assistant").glob("*.py"))), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=ends[0], pad_token=ends[1])
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)

    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(fast), max_position_embeddings=32768, **shape))
    model.generation_config = GenerationConfig(
        do_sample=True, eos_token_id=fast.convert_tokens_to_ids(ends), pad_token_id=fast.pad_token_id
    )
    model.save_pretrained(folder)


def main() -> None:
    from transformers.cli.transformers import main as transformers

    make_model(Path(MODEL))
    sys.argv = ["transformers", "serve", MODEL, "--host", "127.0.0.1", "--port", "0", "--device", "cpu"]
    transformers()


if __name__ == "__main__":
    main()
