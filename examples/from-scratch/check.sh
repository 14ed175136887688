# What the checks.sh of every lab has in common. Each says
#
#     . ../check.sh
#     check 'what holds' NODE COMMAND...    # PASS if the command succeeds in that node (or in the fabric), else FAIL
#     verdict
#
# The checks run all at once, in the running lab of this folder, and are printed in their order. The exit code is 0 if all passed.
# shellcheck shell=sh

PATH=$PATH:../../.. # where the launcher of a clone is
checks=0
results=$(mktemp -d) || exit
trap 'rm -rf "$results"' EXIT

check() {
    checks=$((checks + 1))
    judge "$results/$(printf %03d "$checks")" "$@" &
}

judge() {
    result=$1 name=$2 node=$3
    shift 3
    if cleave exec "$node" -- "$@" >/dev/null 2>&1 </dev/null; then
        printf 'PASS  %s\n' "$name" >"$result"
    else
        printf 'FAIL  %s\n' "$name" >"$result"
    fi
}

verdict() {
    wait
    cat "$results"/*
    failed=$(cat "$results"/* | grep -c '^FAIL')
    printf '%s checks, %s failed\n' "$checks" "$failed"
    [ "$failed" -eq 0 ]
}
