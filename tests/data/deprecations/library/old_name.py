from typing_extensions import deprecated


@deprecated("Use `library.new_name` instead.")
def old_name():
    pass
