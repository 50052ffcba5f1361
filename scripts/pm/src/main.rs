//! The program `pm`: every command.

fn main() -> std::process::ExitCode {
    pm::main()
}
