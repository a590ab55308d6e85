this is = not Python
