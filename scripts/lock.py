"""Pin every third-party dependency with hashes, or check that the pins cover them.

`make lock` writes
  requirements.lock              what running needs: the union over all distributions
  requirements-dev.lock          the same and what checking needs ([dependency-groups] dev)
  <distribution>/requirements.lock   what one deployable needs, at the same versions

Our own distributions (ct-*) never reach an index: they are left out here and installed from
their folders, so a stranger's package of the same name is never considered.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
_OWN = re.compile(r"ct-[a-z-]+")
_EDITABLE = "editables>=0.5"  # hatchling asks for it when it installs a folder editable
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def own_distributions() -> dict[str, Path]:
    """Return the folder of each of our distributions by its name."""
    found = {}
    for pattern in ("*/pyproject.toml", "*/*/pyproject.toml"):
        for path in sorted(ROOT.glob(pattern)):
            name = tomllib.loads(path.read_text()).get("project", {}).get("name", "")
            if _OWN.fullmatch(name):
                found[name] = path.parent
    return found


def third_party(name: str, extras: set[str], folders: dict[str, Path]) -> set[str]:
    """Return what a distribution, with some of its extras, needs from the index.

    Our own distributions among its requirements are followed into their folders.
    """
    project = tomllib.loads((folders[name] / "pyproject.toml").read_text())
    offered = project["project"].get("optional-dependencies", {})
    needed = set(project["build-system"]["requires"])
    texts = [
        *project["project"].get("dependencies", []),
        *(text for extra in extras for text in offered[extra]),
    ]
    for text in texts:
        requirement = Requirement(text)
        if requirement.name in folders:
            needed |= third_party(requirement.name, requirement.extras, folders)
        else:
            needed.add(text)
    return needed


def dev_requirements() -> set[str]:
    """Return what checking needs, from the root's dependency group."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return set(groups["dev"])


def compile_lock(
    requirements: set[str], output: Path, *, constraint: Path | None, upgrade: bool
) -> None:
    """Resolve for every platform and Python 3.11+ and write the pins with hashes."""
    with tempfile.NamedTemporaryFile("w", suffix=".in", delete=False) as source:
        source.write("\n".join(sorted(requirements)) + "\n")
    command = [
        str(Path(sys.executable).with_name("uv")), "pip", "compile", source.name,
        "--output-file", str(output),
        "--generate-hashes", "--universal", "--python-version", "3.11",
        "--no-emit-index-url", "--no-annotate", "--quiet",
        "--custom-compile-command", "make lock",
    ]  # fmt: skip
    if constraint:
        command += ["--constraints", str(constraint)]
    if upgrade:
        command.append("--upgrade")
    try:
        subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - our own arguments
    finally:
        Path(source.name).unlink()


def write_locks(*, upgrade: bool) -> None:
    """Write every lock file."""
    folders = own_distributions()
    runtime = {_EDITABLE}.union(*(third_party(name, set(), folders) for name in folders))
    lock = ROOT / "requirements.lock"
    compile_lock(runtime, lock, constraint=None, upgrade=upgrade)
    compile_lock(
        runtime | dev_requirements(),
        ROOT / "requirements-dev.lock",
        constraint=lock,
        upgrade=upgrade,
    )
    for name, folder in folders.items():
        compile_lock(
            third_party(name, set(), folders),
            folder / "requirements.lock",
            constraint=lock,
            upgrade=upgrade,
        )
        sys.stdout.write(f"{folder.relative_to(ROOT)}/requirements.lock\n")


def uncovered(requirements: set[str], lock: Path) -> list[str]:
    """Return the requirements which the lock does not pin to a version they accept."""
    pins = dict(_PIN.findall(lock.read_text())) if lock.exists() else {}
    pins = {canonical(name): version for name, version in pins.items()}
    missing = []
    for text in sorted(requirements):
        requirement = Requirement(text)
        pinned = pins.get(canonical(requirement.name))
        if pinned is None or not requirement.specifier.contains(pinned, prereleases=True):
            missing.append(f"{text} (pinned: {pinned})")
    return missing


def canonical(name: str) -> str:
    """Return the name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def check_locks() -> int:
    """Print what the locks miss; return the exit code."""
    folders = own_distributions()
    wanted = {
        folder / "requirements.lock": third_party(name, set(), folders)
        for name, folder in folders.items()
    }
    wanted[ROOT / "requirements.lock"] = {_EDITABLE}.union(*wanted.values())
    wanted[ROOT / "requirements-dev.lock"] = wanted[ROOT / "requirements.lock"] | dev_requirements()
    faults = [
        f"{lock.relative_to(ROOT)}: {missing}"
        for lock, requirements in wanted.items()
        for missing in uncovered(requirements, lock)
    ]
    if faults:
        sys.stderr.write("Run make lock; these are not pinned:\n  " + "\n  ".join(faults) + "\n")
    return 1 if faults else 0


def main() -> int:
    """Write or check the locks; return the exit code."""
    parser = argparse.ArgumentParser(description="Pin every dependency with hashes.")
    parser.add_argument("--check", action="store_true", help="change nothing, only check")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions")
    options = parser.parse_args()
    if options.check:
        return check_locks()
    write_locks(upgrade=options.upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
