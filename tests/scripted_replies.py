"""Project files as different language models would send them: each style is one way of writing the same reply."""

import difflib

from model_server import Says


def plain(files: dict[str, str]) -> Says:
    return Says("Here is the project.\n\n" + "\n".join(_fenced(f"python {name}", text) for name, text in files.items()))


def reasoned(files: dict[str, str]) -> Says:
    """Thinks aloud first, with code that must not be taken for a file, and names each file above its fence."""
    thought = (
        "<think>\nMaybe this?\n```python train.py\nraise SystemExit\n```\nNo. Let me write it properly.\n</think>\n"
    )
    return Says(thought + "\n".join(f"**{name}**\n\n{_fenced('python', text)}" for name, text in files.items()))


def windows(files: dict[str, str]) -> Says:
    """Windows line ends throughout."""
    return Says(plain(files).text.replace("\n", "\r\n"), chunk=7)


def headed(files: dict[str, str]) -> Says:
    """Headings with the paths, a shell block at the end, and the reasoning in a field of its own."""
    told = "\n".join(f"### `{name}`\n\n{_fenced('python', text)}" for name, text in files.items())
    return Says(f"{told}\nRun it with:\n\n```bash\npython train.py\n```\n", reasoning="The user wants a small project.")


def commented(files: dict[str, str]) -> Says:
    """The path is the first comment inside of each block."""
    told = "\n".join(_fenced("python", f"# {name}\n{text}") for name, text in files.items())
    return Says(f"Sure!\n\n{told}\nThis should reach a good score.", chunk=200, usage=False)


STYLES = (plain, reasoned, windows, headed, commented)


def edits(before: dict[str, str], after: dict[str, str]) -> Says:
    """One search/replace block for each file that differs; `before` is as the model was shown it."""
    blocks = [_edit(name, before[name], text) for name, text in after.items() if before[name] != text]
    return Says("The mistake is mended below.\n\n" + "\n".join(blocks))


def _edit(name: str, before: str, after: str) -> str:
    """From the first line that differs to the last, with one line around."""
    old, new = before.splitlines(), after.splitlines()
    changes = [
        one for one in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if one[0] != "equal"
    ]
    begin = max(0, changes[0][1] - 1)
    left, left_new = len(old) - changes[-1][2], len(new) - changes[-1][4]
    around = 1 if left and left_new else 0
    search, replace = old[begin : len(old) - left + around], new[begin : len(new) - left_new + around]
    told = ["<<<<<<< SEARCH", *search, "=======", *replace, ">>>>>>> REPLACE"]
    return _fenced(f"python {name}", "\n".join(told) + "\n")


def _fenced(info: str, text: str) -> str:
    return f"```{info}\n{text}```\n"
