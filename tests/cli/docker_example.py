#!/usr/bin/python3
"""examples/docker without a Docker engine: what its files say is there, and its commands run.

Reads the Dockerfile and the compose files, runs the build stage's commands in a clean folder, and then skein as the
compose file for SQLite and the README run it.

The environment gives ROOT (of the source tree).
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = os.environ["ROOT"]
EXAMPLE = f"{ROOT}/examples/docker"
checks = 0


def check(what, holds, told=""):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"FAIL: {what}\n{told}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_stages():
    """The Dockerfile as lists of (instruction, rest), one list a stage."""
    text = re.sub(r"^\s*#.*\n", "", read(f"{EXAMPLE}/Dockerfile"), flags=re.M)
    stages = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            instruction, rest = line.split(None, 1)
            if instruction == "FROM":
                stages.append([])
            stages[-1].append((instruction, rest.strip()))
    return stages


def all_of(stage, instruction):
    return [rest for name, rest in stage if name == instruction]


def packages_of(stage):
    for command in all_of(stage, "RUN"):
        found = re.search(r"apt-get install -y --no-install-recommends (.*?)&&", command)
        if found:
            return set(found.group(1).split())
    return set()


def linked_packages(program):
    """Debian's packages of the libraries that the program itself names."""
    dynamic = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    found = set()
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        owner = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=True).stdout
        found.add(owner.split(":", 1)[0])
    return found - {"libc6"}


def check_copies(stages):
    seen = {line[1:] for line in read(f"{EXAMPLE}/Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    for rest in all_of(stages[0], "COPY") + all_of(stages[1], "COPY"):
        if rest.startswith("--from="):
            continue
        for source in rest.split()[:-1]:
            check(f"COPY {source}: it is there", os.path.exists(f"{ROOT}/{source}"))
            check(f"COPY {source}: the build sees it", source in seen, f"Dockerfile.dockerignore: {sorted(seen)}")


def build(stage, folder):
    """The build stage in a folder of its own, which stands for its WORKDIR."""
    for rest in all_of(stage, "COPY"):
        *sources, target = rest.split()
        for source in sources:
            path = f"{ROOT}/{source}"
            if os.path.isdir(path):
                shutil.copytree(path, f"{folder}/{target}", ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, f"{folder}/{target}")
    environment = {**os.environ, "CCACHE_BASEDIR": folder, "CCACHE_NOHASHDIR": "1"}
    for command in all_of(stage, "RUN"):
        if "apt-get" in command:
            continue
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, timeout=500, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(f"RUN {command}", done.returncode == 0, done.stdout[-4000:])


def check_run_stage(stage):
    user = all_of(stage, "USER")
    check("the run stage is not root's", user and not re.match(r"(root|0)\b", user[-1]), str(user))
    check("by number, so that Kubernetes can tell", re.fullmatch(r"[1-9]\d*:[1-9]\d*", user[-1]), str(user))
    check("skein is what runs", all_of(stage, "ENTRYPOINT") == ['["skein"]'])
    check("and goes to head", all_of(stage, "CMD") == ['["upgrade", "head"]'])


def interpolate(text):
    """As compose does: ${NAME:-default} of an empty environment, $$ for $."""
    text = re.sub(r"(?<!\$)\$\{\w+:-([^}]*)\}", r"\1", text)
    check(f"{text}: every variable has a default", not re.search(r"(?<!\$)\$[\w{]", text))
    return text.replace("$$", "$")


def read_compose(name):
    document = yaml.safe_load(read(f"{EXAMPLE}/{name}"))
    migrate, app = document["services"]["migrate"], document["services"]["app"]
    context = os.path.normpath(f"{EXAMPLE}/{migrate['build']['context']}")
    check(f"{name}: the context is the tree", context == os.path.normpath(ROOT), context)
    check(f"{name}: the Dockerfile", os.path.samefile(f"{context}/{migrate['build']['dockerfile']}", f"{EXAMPLE}/Dockerfile"))
    check(f"{name}: the application waits for the end of it",
          app["depends_on"]["migrate"] == {"condition": "service_completed_successfully"})
    check(f"{name}: upgrade head", migrate["command"] == ["upgrade", "head"])
    grace = int(migrate["stop_grace_period"].rstrip("s"))
    check(f"{name}: a stop leaves time to drain", grace > 25)
    migrate["environment"] = {key: interpolate(value) for key, value in migrate["environment"].items()}
    return document["services"]


def skein(program, folder, environment, arguments, expected=0):
    kept = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *arguments], cwd=folder, env={**kept, **environment}, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)
    check(f"skein {' '.join(arguments)}", done.returncode == expected, done.stdout + done.stderr)
    return done.stdout


def run_sqlite(program, stage, folder):
    """The run stage's WORKDIR with what is copied there, and data/ mounted."""
    service = read_compose("compose.sqlite.yaml")["migrate"]
    workdir = all_of(stage, "WORKDIR")[-1]
    source, target = service["volumes"][0].split(":")
    check("the folder that is mounted is in the tree", os.path.isdir(f"{EXAMPLE}/{source}"))
    app = f"{folder}{workdir}"
    os.makedirs(app)
    for rest in all_of(stage, "COPY"):
        if not rest.startswith("--from="):
            source, copied = rest.split()
            shutil.copytree(f"{ROOT}/{source}", f"{app}/{copied}")
    os.makedirs(f"{folder}{target}")
    environment = service["environment"]
    skein(program, app, environment, service["command"])
    check("the file lies in what is mounted", os.listdir(f"{folder}{target}") == ["app.db"], str(os.listdir(f"{folder}{target}")))
    steps = re.findall(r"^docker compose run --rm migrate (.*)$", read(f"{EXAMPLE}/README.md"), re.M)
    for step in ("current", "history -i", "downgrade -1"):
        check(f"the README has {step}", step in steps, str(steps))
    said = {step: skein(program, app, environment, shlex.split(step)) for step in steps}
    check("current", said["current"] == "c25f8a6e103d (head)\n", said["current"])
    check("history", "c25f8a6e103d (head) (current), Notes have a title" in said["history -i"], said["history -i"])
    check("downgrade", "1 succeeded (1 step)" in said["downgrade -1"], said["downgrade -1"])


def check_postgresql(program, folder):
    services = read_compose("compose.postgresql.yaml")
    migrate, server = services["migrate"], services["db"]
    check("it waits for the server", migrate["depends_on"]["db"] == {"condition": "service_healthy"} and server["healthcheck"])
    shown = skein(program, folder, migrate["environment"], ["targets"])
    check("the URL names the server and its database", re.match(r"app +postgresql +db:5432 +app\n", shown), shown)
    check("the same password on both sides",
          interpolate(server["environment"]["POSTGRES_PASSWORD"]) == migrate["environment"]["POSTGRES_PASSWORD"])


def main():
    stages = read_stages()
    check("two stages", len(stages) == 2)
    check_copies(stages)
    wanted = re.search(r"^build='([^']*)'", read(f"{ROOT}/scripts/setup"), re.M).group(1).split()
    check("the build stage installs what scripts/setup does", packages_of(stages[0]) == set(wanted),
          f"{sorted(packages_of(stages[0]) ^ set(wanted))} on one side only")
    check_run_stage(stages[1])
    folder = tempfile.mkdtemp(prefix="skein-docker.")
    try:
        os.makedirs(f"{folder}/src")
        build(stages[0], f"{folder}/src")
        built = [rest.split()[1] for rest in all_of(stages[1], "COPY") if rest.startswith("--from=build")]
        program = f"{folder}{built[0]}"
        check("the program is where the run stage takes it from", os.access(program, os.X_OK), program)
        linked = linked_packages(program) | {"ca-certificates"}
        check("the run stage installs what the program is linked with", packages_of(stages[1]) == linked,
              f"{sorted(packages_of(stages[1]) ^ linked)} on one side only")
        run_sqlite(program, stages[1], folder)
        check_postgresql(program, f"{folder}/app")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"ok, {checks} checks")


if __name__ == "__main__":
    main()
