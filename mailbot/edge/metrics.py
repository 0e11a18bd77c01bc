"""Measures for Prometheus, by prometheus-client: over HTTP, or as a file for the textfile collector of node_exporter."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily

from mailbot.core.report.measures import Measure
from mailbot.errors import ConfigError, TransientError

Take = Callable[[], Iterable[Measure]]


class _Collector:
    """Takes the measures anew at each scrape: there is no counter that a restart loses."""

    def __init__(self, take: Take) -> None:
        self._take = take

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for one in self._take():
            family = GaugeMetricFamily(f"mailbot_{one.name}", one.about, labels=[one.label] if one.label else [])
            for label, number in one.values.items():
                family.add_metric([label] if one.label else [], number)
            yield family


def _registry(take: Take) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(take))
    return registry


def serve(host: str, port: int, take: Take) -> None:
    """Answer scrapes in a thread that ends with the process. Raises ConfigError when the port cannot be had."""
    try:
        start_http_server(port, host, _registry(take))
    except OSError as error:
        raise ConfigError(f"metrics.listen: {host}:{port}: {error.strerror}; name another port") from error


def write(path: Path, take: Take) -> None:
    """Write the file anew, beside and renamed: nobody reads half of it. Raises TransientError when it cannot be written."""
    draft = path.with_name(f"{path.name}.new")  # the collector reads what ends in .prom
    try:
        draft.write_bytes(generate_latest(_registry(take)))
        draft.chmod(0o644)  # the collector is another user, and the service's umask lets nobody read
        draft.replace(path)
    except OSError as error:
        raise TransientError(f"metrics.textfile: {path}: {error.strerror}; make its folder and let mailbot write there") from error
