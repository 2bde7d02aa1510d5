"""Looks up the exact packages of a file among the known vulnerabilities: `python .ci/audit.py requirements.lock`.

Ends with 1 where one of them has a known vulnerability. Where no advisory service answers, it says that nothing was audited and ends
with 0: pip-audit itself says "No known vulnerabilities found" even where a package index has left every question unanswered.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

SERVICES = ("pypi", "osv")
WAIT_S = 300


def verdict(report: Mapping[str, Any]) -> tuple[list[str], int]:
    """What pip-audit's report says: a line for each vulnerability, and how many packages it knows anything of."""
    known = [each for each in report.get("dependencies", []) if "skip_reason" not in each]
    found = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        f" (mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'})"
        for each in known
        for vulnerability in each["vulns"]
    ]
    return found, len(known)


def ask(service: str, path: str) -> dict[str, Any]:
    """pip-audit's report; an empty one where the service can't be reached."""
    command = [sys.executable, "-m", "pip_audit", "-r", path, "--no-deps", "--disable-pip", "-f", "json", "-s", service]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)  # noqa: S603 - our own words
        report: dict[str, Any] = json.loads(asked.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return {}
    return report


def main(path: str) -> int:
    for service in SERVICES:
        report = ask(service, path)
        found, known = verdict(report)
        if known:
            said = f"{known} of {len(report['dependencies'])} packages of {path} audited ({service}): {len(found)} vulnerabilities"
            sys.stdout.write("\n".join([*found, said, ""]))
            return 1 if found else 0
    said = f"NOT AUDITED: no advisory service answers here ({', '.join(SERVICES)}), so nothing is known of {path}"
    sys.stdout.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
