#!/usr/bin/env bash
# Everything a checkout is built, tried and tested with; "./build.sh help" lists the verbs.

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$repo"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly suite_limit=40m # for each suite
readonly test_user=cleavetest

heading() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# ---- what runs however this script ends

on_exit=()

cleanup() {
    local status=$? i
    trap - EXIT
    stop_suite
    for ((i = ${#on_exit[@]} - 1; i >= 0; i--)); do
        ${on_exit[i]} || true
    done
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- packages

# Runs a command as root: the only thing sudo is used for is packages (and, in "test", the tests that need root).
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif [[ -n ${CI-} || ! -t 0 ]]; then
        sudo -n "$@" # nobody is there to type a password
    else
        sudo "$@"
    fi
}

readonly policy=/usr/sbin/policy-rc.d
readonly policy_mark='put here by build.sh of Cleave while it installs packages'

# Debian starts a service when its package is installed, unless this file forbids it.
forbid_services() {
    allow_services # left by a run that was killed
    [[ ! -e $policy ]] || return 0
    on_exit+=(allow_services)
    printf '#!/bin/sh\n# %s; may be removed\nexit 101\n' "$policy_mark" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

allow_services() {
    if grep -qs "$policy_mark" "$policy"; then
        as_root rm -f "$policy"
    fi
}

installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs what is missing of the packages named, and says so first.
need() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        printf 'Not a Debian or Ubuntu system. Needed, by their names there: %s\n' "$*"
        return
    fi
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local -a apt=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get)
    local -a install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}")
    heading "Packages: $(
        ((EUID == 0)) || printf 'sudo '
        printf '%s' "${install[*]}"
    )"
    ((EUID == 0)) || command -v sudo >/dev/null || fail "neither root nor sudo: have somebody run the command above"

    forbid_services
    # The lists may be missing, as in a fresh container, or too old.
    if [[ $(apt-cache policy "${missing[@]}" | grep -c 'Candidate: [^(]') -lt ${#missing[@]} ]] || ! as_root "${install[@]}" </dev/null; then
        as_root "${apt[@]}" update
        as_root "${install[@]}" </dev/null || fail "could not install: ${missing[*]}"
    fi
    # Forbidden to start now, they would start with the machine's next start. Labs run their own.
    local service
    for service in nginx:nginx redis-server:redis-server etcd-server:etcd; do
        if [[ " ${missing[*]} " == *" ${service%:*} "* ]] && command -v update-rc.d >/dev/null; then
            printf 'The service that the package %s brings is not wanted: update-rc.d %s disable\n' "${service%:*}" "${service#*:}"
            as_root update-rc.d "${service#*:}" disable >/dev/null 2>&1 || true
        fi
    done
    allow_services
}

need_sdk() {
    [[ $(dotnet --list-sdks 2>/dev/null) =~ (^|$'\n')10\. ]] || ./cleave --version || exit # which says what to install
}

# ---- demo

demo() {
    need iproute2 nginx python3-flask wrk uidmap util-linux
    heading 'Build'
    ./cleave --version
    heading './cleave test -f examples/flaky-network/cleave.yaml'
    ./cleave test -f examples/flaky-network/cleave.yaml
}

# ---- format

format() {
    need_sdk
    dotnet format Cleave.slnx
}

# ---- packages and programs to hand on

quiet_build=(-c Release -v quiet -nodeReuse:false -p:UseSharedCompilation=false)

# pack_into FOLDER: the tool and the libraries as NuGet packages, symbols inside.
pack_into() {
    local project
    for project in Cleave.Netlink Cleave Cleave.Cli; do
        dotnet pack "src/$project" "${quiet_build[@]}" -o "$1" </dev/null || return
    done
}

pack() {
    need_sdk
    rm -rf artifacts/packages
    pack_into artifacts/packages
    heading 'artifacts/packages'
    (cd artifacts/packages && stat -c '%s %n' ./*.nupkg)
    printf '\nTo install the tool from there:  dotnet tool install -g Cleave.Tool --source %s/artifacts/packages\n' "$repo"
}

# quickstart COMMAND: what a user of an installed cleave does first, with that as the only cleave there is.
quickstart() {
    local lab path=$1
    lab=$(mktemp -d "$scratch/quickstart.XXXXXX")
    sed 's|CLEAVE_NO_BUILD=1 exec ../../cleave|exec cleave|' examples/quickstart/cleave.yaml >"$lab/cleave.yaml"
    ! grep -q '\.\./cleave' "$lab/cleave.yaml" || fail 'examples/quickstart has changed: quickstart() no longer replaces its launcher'
    (
        # Not left to "set -e", which does nothing where a caller asks for the outcome.
        export PATH=$path:$PATH XDG_RUNTIME_DIR=$lab/run CLEAVE_LAB=
        cd "$lab" && mkdir -m 0700 run && cleave --version && cleave validate && cleave test &&
            cleave up -d && cleave isolate a && cleave exec b -- true && cleave ps && cleave down
    )
}

# publish_as KIND: one file that is cleave, in artifacts/publish/RID/KIND.
publish_as() {
    local kind=$1 rid=$2 into name runtime package version
    local -a how
    into=artifacts/publish/$rid/$kind
    case $kind in
        framework-dependent) how=(-p:PublishReadyToRun=true -p:PublishSingleFile=true --self-contained false) ;;
        self-contained) how=(-p:PublishReadyToRun=true -p:PublishSingleFile=true --self-contained true -p:PublishTrimmed=true) ;;
        native) how=(-p:PublishAot=true) ;;
    esac
    rm -rf "$into"
    # Folders of its own: trimming and the runtime identifier would have the next build do all anew; and one for each kind, or what one has
    # trimmed and compiled ahead of time is taken for the other the next time, which then aborts at its start.
    dotnet publish src/Cleave.Cli "${quiet_build[@]}" -r "$rid" "${how[@]}" -p:ArtifactsPath="$repo/artifacts/publish/.build/$kind" -o "$into" </dev/null
    mv "$into/Cleave.Cli" "$into/cleave"
    rm -f "$into/Cleave.Cli.dbg" # its debugger's symbols, three times as large
    cp LICENSE THIRD-PARTY-NOTICES.md "$into/"
    [[ $kind != framework-dependent ]] || return 0
    for runtime in NETCore AspNetCore; do
        package=Microsoft.$runtime.App.Runtime
        [[ $kind != native || $runtime != NETCore ]] || package+=.NativeAOT
        # The version that was taken, not the newest that lies there.
        version=$(sed -n "/\"name\": \"$package.$rid\"/ { n; s/.*\[\([^,]*\),.*/\1/p; q }" "artifacts/publish/.build/$kind/obj/Cleave.Cli/project.assets.json")
        name=${NUGET_PACKAGES-$HOME/.nuget/packages}/${package,,}.$rid/$version
        install -m 644 "$(find "$name" -maxdepth 1 -iname third-party-notices.txt)" "$into/$runtime-THIRD-PARTY-NOTICES.txt"
    done
}

readonly kinds=(framework-dependent self-contained native)

runtime_id() {
    case $(uname -m) in
        x86_64) echo linux-x64 ;;
        aarch64) echo linux-arm64 ;;
        *) fail "no program can be published for $(uname -m)" ;;
    esac
}

publish() {
    local kind rid
    need gcc libc6-dev zlib1g-dev # to link native
    need_sdk
    rid=$(runtime_id)
    make_scratch
    for kind in "${kinds[@]}"; do
        heading "artifacts/publish/$rid/$kind/cleave"
        publish_as "$kind" "$rid"
        stat -c '%s bytes' "artifacts/publish/$rid/$kind/cleave"
        quickstart "$repo/artifacts/publish/$rid/$kind"
    done
}

# ---- test

passed=0 failed=0 skipped=0

# The last line, whatever happened.
totals() {
    if ((status_of_test != 0 && failed == 0)); then
        failed=1 # it did not get as far as counting
    fi
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
}

count_failure() {
    printf 'FAILED: %s\n' "$*"
    failed=$((failed + 1))
}

# A check that is not a suite: counts only when it fails.
check() {
    local what=$1
    shift
    heading "$what"
    "$@" </dev/null || count_failure "$what"
}

# The number after a word in the runner's summary, whichever of the two forms it has:
# "Total: 3, Errors: 0, Failed: 0, …" on one line, or "total: 3" and so on, each on its own.
summary() {
    sed $'s/\e\\[[0-9;]*m//g' "$log" | sed -n '/summary/I,$p' | grep -oiE "(^|[ ,])$1: [0-9]+" | tail -n 1 | grep -oE '[0-9]+$' || echo 0
}

# suite TITLE COMMAND...: runs a test executable, in a process group of its own, and adds up its results.
suite() {
    local title=$1 status=0 began=$SECONDS total bad skips
    shift
    heading "$title"
    log=$scratch/log
    rm -f "$scratch/pipe"
    mkfifo "$scratch/pipe"
    tee "$log" <"$scratch/pipe" &
    local tee=$!
    # Without job control the shell starts background commands with INT and QUIT ignored; tests want them as they are elsewhere.
    timeout --kill-after=30s "$suite_limit" env --default-signal=INT,QUIT "$@" </dev/null >"$scratch/pipe" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
    # What a suite has left running would hold the pipe: that is a failure, not a reason to hang.
    local patience
    for ((patience = 100; patience > 0; patience--)); do
        kill -0 "$tee" 2>/dev/null || break
        sleep 0.1
    done
    if ((patience == 0)); then
        count_failure "$title: something it started is still running and holds its output"
        kill "$tee" 2>/dev/null || true
    fi
    wait "$tee" || true

    total=$(summary total)
    bad=$(($(summary failed) + $(summary errors)))
    skips=$(summary skipped)
    passed=$((passed + total - skips - $(summary failed) - $(summary 'not run')))
    failed=$((failed + bad))
    skipped=$((skipped + skips))
    printf 'took %d s, exit code %d\n' $((SECONDS - began)) "$status"
    if ((status == 124)); then
        count_failure "$title: not done after $suite_limit"
    elif ((status == 137)); then
        count_failure "$title: killed (and not done after $suite_limit, if it took so long)"
    elif ((total == 0)); then
        count_failure "$title: ran no test"
    elif ((total == skips)); then
        count_failure "$title: skipped every test"
    elif ((status != 0 && bad == 0)); then
        count_failure "$title: ended with $status though no test failed"
    fi
}

stop_suite() {
    [[ -n ${running-} ]] || return 0
    kill -TERM "$running" 2>/dev/null || true # timeout passes it on to its group
    wait "$running" || true
}

# Not in /tmp, which every node has for itself: programs in a lab are started from here.
make_scratch() {
    scratch=$(mktemp -d /var/tmp/cleave-build.XXXXXX)
    on_exit+=(remove_scratch)
}

remove_scratch() {
    rm -rf "$scratch"
}

scripts() {
    local -a files=(cleave build.sh .ci/run)
    mapfile -t -O 3 files < <(find bench docs examples src tests -name '*.sh' -type f 2>/dev/null)
    shellcheck "${files[@]}"
}

# tests NAME: the path of a test executable, below the root given by $root.
executable() {
    printf '%s/artifacts/bin/%s/release/%s' "$root" "$1" "$1"
}

# A copy of what is built, for a user who may have no way into this folder. Without sources, so that nothing is built there.
copy_to() {
    local file
    mkdir -p "$1/artifacts"
    cp -r artifacts/bin "$1/artifacts/"
    cp -rL artifacts/cleave "$1/artifacts/cleave"
    for file in cleave build.sh docs examples README.md global.json; do
        [[ ! -e $file ]] || cp -r "$file" "$1/"
    done
}

kernel_tests_as_user() {
    local home copy runtime root
    if ! id "$test_user" >/dev/null 2>&1; then
        useradd --create-home --shell /bin/bash "$test_user"
    fi
    if ! grep -qs "^$test_user:" /etc/subuid || ! grep -qs "^$test_user:" /etc/subgid; then
        # useradd has seen to it on Debian and Ubuntu.
        usermod --add-subuids 1000000000-1000065535 --add-subgids 1000000000-1000065535 "$test_user"
    fi
    home=$(getent passwd "$test_user" | cut -d: -f6)

    user_scratch=$(mktemp -d /var/tmp/cleave-test.XXXXXX)
    on_exit+=(remove_user_scratch)
    copy=$user_scratch/cleave runtime=$user_scratch/run
    mkdir "$copy"
    mkdir -m 0700 "$runtime"
    copy_to "$copy"
    chown -R "$test_user:" "$user_scratch"

    local -a clean=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "HOME=$home" "USER=$test_user" "LOGNAME=$test_user" "SHELL=/bin/bash"
        "LANG=C.UTF-8" "XDG_RUNTIME_DIR=$runtime" "DOTNET_CLI_TELEMETRY_OPTOUT=1" "DOTNET_NOLOGO=1" "NO_COLOR=1"
        "CLEAVE_REPO=$copy" "CLEAVE_PROGRAM=$copy/artifacts/cleave/Cleave.Cli" "CLEAVE_NO_BUILD=1" "CLEAVE_TEST_AS=user")
    [[ -z ${DOTNET_ROOT-} ]] || clean+=("DOTNET_ROOT=$DOTNET_ROOT")
    [[ -z ${CI-} ]] || clean+=("CI=$CI")
    root=$copy
    suite "Kernel tests, as the ordinary user $test_user" \
        setpriv --reuid="$test_user" --regid="$test_user" --init-groups --inh-caps=-all \
        env -i -C "$copy" "${clean[@]}" "$(executable Cleave.KernelTests)"
}

remove_user_scratch() {
    rm -rf "$user_scratch"
}

# Packs the tool, installs it from there as a user does, and uses it.
tool() {
    pack_into "$scratch/packages" &&
        dotnet tool install Cleave.Tool --tool-path "$scratch/tool" --source "$scratch/packages" --no-http-cache &&
        quickstart "$scratch/tool"
}

run_tests() {
    local root=$repo who
    who=$(id -un)
    export CLEAVE_REPO=$repo CLEAVE_TEST_AS=user NO_COLOR=1
    ((EUID != 0)) || CLEAVE_TEST_AS=root
    make_scratch

    need iproute2 nftables nginx python3-flask wrk uidmap iputils-ping gcc libc6-dev linux-libc-dev tcpdump passt slirp4netns curl tmux procps util-linux shellcheck \
        vim-tiny less zsh fish strace binutils-aarch64-linux-gnu bind9-dnsutils dnsmasq-base iptables containernetworking-plugins etcd-server etcd-client redis-server
    need_sdk

    heading 'Build'
    # No build server stays behind with the pipes of this script.
    dotnet build Cleave.slnx -c Release -v quiet -nodeReuse:false -p:UseSharedCompilation=false </dev/null
    rm -f artifacts/cleave # made anew, of the commit that the tests are of: programs of different ones refuse each other
    ./cleave --version </dev/null
    export CLEAVE_NO_BUILD=1 CLEAVE_PROGRAM=$repo/artifacts/cleave/Cleave.Cli # compiled ahead of time, and started a thousand times

    check 'Format' dotnet format Cleave.slnx --no-restore --verify-no-changes
    if command -v shellcheck >/dev/null; then
        check 'Scripts' scripts
    fi

    check 'The tool, installed from its package' tool
    suite "Cleave.Netlink.Tests, as $who" "$(executable Cleave.Netlink.Tests)"
    suite "Cleave.Tests, as $who" "$(executable Cleave.Tests)"
    suite "Kernel tests, as $who" "$(executable Cleave.KernelTests)"
    if ((EUID == 0)); then
        kernel_tests_as_user
    elif sudo -n true 2>/dev/null; then
        suite 'Kernel tests, as root' \
            sudo -n env "CLEAVE_REPO=$repo" "CLEAVE_PROGRAM=$CLEAVE_PROGRAM" CLEAVE_NO_BUILD=1 CLEAVE_TEST_AS=root ${DOTNET_ROOT:+"DOTNET_ROOT=$DOTNET_ROOT"} \
            "$(executable Cleave.KernelTests)"
    else
        heading 'Kernel tests, as root: NOT RUN'
        printf 'They need root, or sudo that asks for no password. Counted as 1 skipped.\n'
        skipped=$((skipped + 1))
    fi
    ((failed == 0))
}

test_all() {
    on_exit+=(totals) # first in, so last out
    status_of_test=1
    run_tests
    status_of_test=0
}

# ---- test-vm

readonly machine=cleave-test
# What a kernel decides: namespaces, links, rules, routes. An emulated machine is several times slower, and tests of programs' times fail there.
readonly kernel_classes=('*.LinkTests' '*.RoutingTests' '*.RulesetTests')

remove_machine() {
    ./artifacts/cleave/Cleave.Cli vm down --backend qemu --name "$machine"
}

# test_vm [CLASS...]: "cleave vm" itself, then kernel tests as root on Debian's kernel, which has netem and VLANs.
test_vm() {
    local root=$repo class
    local -a classes=()
    on_exit+=(totals)
    status_of_test=1
    make_scratch
    (($#)) || set -- "${kernel_classes[@]}"
    for class in "$@"; do classes+=(-class "$class"); done
    need qemu-system-x86 e2fsprogs iproute2 nftables iputils-ping uidmap util-linux shellcheck
    need_sdk
    heading 'Build'
    dotnet build Cleave.slnx "${quiet_build[@]}" </dev/null
    rm -f artifacts/cleave
    ./cleave --version </dev/null
    export CLEAVE_REPO=$repo NO_COLOR=1 CLEAVE_NO_BUILD=1 CLEAVE_PROGRAM=$repo/artifacts/cleave/Cleave.Cli CLEAVE_TEST_AS=user
    ((EUID != 0)) || CLEAVE_TEST_AS=root
    suite 'cleave vm, by qemu' env CLEAVE_VM=1 "$(executable Cleave.KernelTests)" -class '*.VmTests'
    on_exit+=(remove_machine)
    "$CLEAVE_PROGRAM" vm up --backend qemu --name "$machine" --memory 4G
    suite "Kernel tests, as root on Debian's kernel" \
        "$CLEAVE_PROGRAM" vm shell --backend qemu --name "$machine" -- env CLEAVE_TEST_AS=root "$(executable Cleave.KernelTests)" "${classes[@]}"
    ((failed == 0))
    status_of_test=0
}

# ---- bench

# asks_for BENCH ARGUMENT...: whether that one is run: it is named, or none is.
asks_for() {
    local bench=$1 argument named=
    for argument in "${@:2}"; do
        case $argument in
            "$bench") return 0 ;;
            create | undo | up | cut | packets | ports | startup) named=1 ;;
        esac
    done
    [[ -z $named ]]
}

# Makes nothing up to compare with: without the programs there is no result.
bench() {
    local caller=${OLDPWD-$repo} floor kind rid source
    local -a more=()
    floor=${FLOOR-$repo/../shared/floor}
    need_sdk
    make_scratch
    need gcc libc6-dev linux-libc-dev nftables util-linux
    if asks_for create "$@"; then
        if [[ ! -r $floor/labc.c ]]; then
            printf 'build.sh: bench: the comparison cannot be made: no C programs in %s.\nSet FLOOR to the folder that has labc.c.\n' "$floor" >&2
            exit 4
        fi
        gcc -O2 -pthread -o "$scratch/labc" "$floor/labc.c"
        gcc -O2 -pthread -o "$scratch/waitfree" "$floor/waitfree.c"
        cp "$floor"/lab_* "$scratch/"
    fi
    for source in bench/floor/*.c; do
        gcc -O2 -Wall -Wextra -o "$scratch/$(basename "$source" .c)" "$source"
    done
    heading 'Build'
    if asks_for startup "$@" || asks_for up "$@" || asks_for ports "$@"; then
        rid=$(runtime_id)
        for kind in "${kinds[@]}"; do
            publish_as "$kind" "$rid"
        done
        more=(--published "$repo/artifacts/publish/$rid")
    fi
    dotnet build bench/Cleave.Bench -c Release -v quiet -nodeReuse:false -p:UseSharedCompilation=false </dev/null
    (cd "$caller" && exec "$repo/artifacts/bin/Cleave.Bench/release/Cleave.Bench" --floor "$scratch" "${more[@]}" "$@") </dev/null
}

# ---- storm

# storm [--kills N] [--seed N] [--round N] [--hours N]: the same seed draws the same rounds; --round begins at that one.
storm() {
    local root=$repo kills=1000 seed='' round=0 hours=100
    while (($#)); do
        [[ ${2-} =~ ^[0-9]+$ ]] || fail "storm: $1 wants a number"
        case $1 in
            --kills) kills=$2 ;;
            --seed) seed=$2 ;;
            --round) round=$2 ;;
            --hours) hours=$2 ;;
            *) fail "storm takes --kills, --seed, --round and --hours, not '$1'" ;;
        esac
        shift 2
    done
    need iproute2 nftables uidmap util-linux strace
    need_sdk
    heading 'Build'
    dotnet build tests/Cleave.KernelTests "${quiet_build[@]}" </dev/null
    heading "Storm of $kills kills"
    env ${seed:+"CLEAVE_SEED=$seed"} CLEAVE_STORM_KILLS="$kills" CLEAVE_STORM_ROUND="$round" CLEAVE_STORM_SECONDS=$((hours * 3600)) NO_COLOR=1 \
        env --default-signal=INT,QUIT "$(executable Cleave.KernelTests)" -class '*.StormTests' -showliveoutput </dev/null
}

# plots FILE: what docs/figures.md shows, from what "bench --json FILE" wrote.
plots() {
    local caller=${OLDPWD-$repo}
    [[ $# == 1 ]] || fail 'plots: which file? "./build.sh bench --json FILE" writes it'
    need_sdk
    dotnet build bench/Cleave.Bench -c Release -v quiet -nodeReuse:false -p:UseSharedCompilation=false </dev/null
    (cd "$caller" && exec "$repo/artifacts/bin/Cleave.Bench/release/Cleave.Bench" plot "$1" "$repo/docs/figures")
}

# ---- verbs

help() {
    cat <<'END'
./build.sh demo     installs what the example needs, builds, runs examples/flaky-network
./build.sh test     installs what the tests need, builds, runs all tests; as root also as an ordinary user
./build.sh test-vm  runs "cleave vm" by qemu, and in such a machine the kernel tests that a kernel decides, or those of the classes named
./build.sh bench    measures beside the C programs in bench/floor and, for "bench create", in $FLOOR, or else ../shared/floor;
                    "bench --help" says what there is
./build.sh plots FILE  makes the plots of docs/figures from what "bench --json FILE" wrote
./build.sh storm    kills, stops and starves labs at random moments, for as long as wanted: --kills 1000, --seed N, --round N, --hours N
./build.sh pack     makes the NuGet packages of tool and libraries in artifacts/packages
./build.sh publish  makes single-file programs in artifacts/publish, with and without the runtime in them, and tries them
./build.sh format   formats the sources
./build.sh help     this

Packages are installed with apt-get, by sudo unless you are root, and the command is shown first.
END
}

case ${1-help} in
    demo) demo ;;
    test) test_all ;;
    test-vm) test_vm "${@:2}" ;;
    bench) bench "${@:2}" ;;
    storm) storm "${@:2}" ;;
    plots) plots "${@:2}" ;;
    pack) pack ;;
    publish) publish ;;
    format) format ;;
    help | -h | --help) help ;;
    *)
        help >&2
        exit 2
        ;;
esac
