import train


def test_main_returns_the_accuracy() -> None:
    assert train.main() > 0.9
