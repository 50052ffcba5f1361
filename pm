#!/usr/bin/env bash
# The command line: ./pm COMMAND ARGUMENTS; `./pm --help` lists the commands. What a command needs is built first, once.
#
# PM_PROFILE=release builds with full optimisation, for campaigns of hours. PM_OFFLINE=1 keeps cargo from the network.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v cargo >/dev/null || { echo "pm: cargo is missing: install Rust first (https://rustup.rs)" >&2; exit 1; }

# What emits and builds needs no simulation and no prover: a program of its own, which is compiled in a tenth of the time.
case ${1:-} in
    verilog | bitstream | check | geometry | registers) program=pm-design features=(--no-default-features) minutes=3 ;;
    *) program=pm features=() minutes=10 ;;
esac
profile=${PM_PROFILE:-dev}
folder=$profile
if [ "$profile" = dev ]; then folder=debug; fi

# Nothing is said where nothing is built; else what is, and how long each crate of the project takes.
tell() {
    local line name="" began=$SECONDS since=$SECONDS
    while IFS= read -r line; do
        case $line in
            *Compiling*)
                if [ -z "$name" ]; then
                    printf 'pm: building %s; the first time takes about %s minutes of CPU, later ones what has changed\n' "$program" "$minutes"
                    name=libraries
                fi
                case $line in
                    *" pm-"* | *" pm v"*)
                        printf 'pm: %4d s  %s: %d s\n' $((SECONDS - began)) "$name" $((SECONDS - since))
                        name=${line#*Compiling } name=${name%% *} since=$SECONDS
                        ;;
                esac
                ;;
            *Finished*)
                if [ -n "$name" ]; then
                    printf 'pm: %4d s  %s: %d s\n' $((SECONDS - began)) "$name" $((SECONDS - since))
                    printf 'pm: built %s in %d s\n' "$program" $((SECONDS - began))
                fi
                ;;
            *Blocking* | *Downloading* | *Downloaded* | *Updating* | *Locking* | *future* | *"run with"* | *"to see what"*) ;;
            *) printf '%s\n' "$line" ;;
        esac
    done
}

CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never cargo build --locked ${PM_OFFLINE:+--offline} --profile "$profile" \
    --manifest-path "$root/Cargo.toml" --package pm --bin "$program" "${features[@]}" 2>&1 >/dev/null | tell >&2 || { echo "pm: $program cannot be built" >&2; exit 1; }
exec "${CARGO_TARGET_DIR:-$root/target}/$folder/$program" "$@"
