import pytest

from columnar.demo import Profile


def test_sizes_follow_the_quantiles() -> None:
    profile = Profile()
    for quantile, size in profile.sizes:
        assert profile.size(quantile) == pytest.approx(size, abs=1)
    assert profile.size(0.1) < profile.size(0.2) < profile.size(0.9)


@pytest.mark.parametrize("profile", [Profile(), Profile.small(), Profile(sizes=((0.0, 900), (1.0, 900)))])
def test_the_mean_is_that_of_the_sizes(profile: Profile) -> None:
    steps = 20_000
    mean = sum(profile.size((step + 0.5) / steps) for step in range(steps)) / steps
    assert profile.mean_bytes == pytest.approx(mean, rel=0.002)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"truncated": -1}, "special documents"),
        ({"null": 990}, "special documents"),
        ({"bom": 1.5}, "shares"),
        ({"sizes": ((0.0, 10),)}, "quantiles"),
        ({"sizes": ((0.0, 10), (0.5, 20))}, "quantiles"),
        ({"sizes": ((0.0, 10), (0.6, 20), (0.4, 30), (1.0, 40))}, "quantiles"),
        ({"sizes": ((0.0, 0), (1.0, 20))}, "decrease"),
        ({"sizes": ((0.0, 30), (1.0, 20))}, "decrease"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Profile(**change)
