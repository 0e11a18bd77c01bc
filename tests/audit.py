"""Known vulnerabilities of the installed libraries: those that a newer version mends fail, the others are only told.

A change must not fail because the service is away, nor because of an advisory that nobody can follow yet.
"""

import json
import subprocess
import sys

SECONDS = 300


def main() -> int:
    """Ask pip-audit and judge its answer: 1 when an update would mend something."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--format", "json", "--progress-spinner", "off"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        report = json.loads(run.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        print("audit: the service that knows vulnerabilities cannot be reached; nothing was looked at")
        return 0
    lines, status = judged(report["dependencies"])
    print("\n".join(lines))
    return status


def judged(dependencies: list[dict[str, object]]) -> tuple[list[str], int]:
    """(what to tell, exit status) for the dependencies of a report."""
    lines, status, unknown = [], 0, 0
    for one in dependencies:
        unknown += "skip_reason" in one
        for found in one.get("vulns", ()):  # type: ignore[attr-defined]
            mended = found["fix_versions"]
            status = 1 if mended else status
            remedy = f"install {' or '.join(mended)}" if mended else "no version mends it yet"
            lines.append(f"audit: {one['name']} {one['version']}: {found['id']}; {remedy}")
    looked_at = len(dependencies) - unknown
    return [*lines, f"audit: {looked_at} libraries looked at, {unknown} that the service does not know"], status


if __name__ == "__main__":
    sys.exit(main())
