//! The command line with widths that no preset has: `pm` compiles it for a geometry, and lets it take over.

fn main() -> std::process::ExitCode {
    pm::main_with(pm::More {
        emitted: pm_sizes_emitted::emitted(),
        #[cfg(feature = "lab")]
        traced: pm_sizes_emitted::traced(),
        #[cfg(feature = "lab")]
        stepped: pm_sizes_stepped::stepped(),
    })
}
