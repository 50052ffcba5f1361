//! The program `pm-design`: built with the feature `lab` it has every command, without it those that emit and build.

fn main() -> std::process::ExitCode {
    pm::main()
}
