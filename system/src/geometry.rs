//! Geometries by name: presets, and those of files.

use crate::input::{read_text, UsageError};
use anyhow::{ensure, Result};
use pm_interface::Geometry;
use std::path::Path;

/// Names the file in whose tables geometries are looked for beside the presets.
pub const GEOMETRIES: &str = "PM_GEOMETRIES";

/// The geometry called `name`: a preset; a table of the file that `PM_GEOMETRIES` names, of which none has the name of a preset; or a
/// file itself, where the name ends in `.toml`. Features and counts follow any of them: `my.toml+chain+slots=8`.
///
/// # Errors
/// As [`Geometry::preset`] and [`Geometry::in_file`], and when a file cannot be read.
pub fn named(name: &str) -> Result<Geometry> {
    let base = Geometry::base(name);
    let listed = std::env::var_os(GEOMETRIES);
    if Geometry::PRESETS.contains(&base) {
        if let Some(file) = listed {
            // Read for a preset, too: its name must not stand for two geometries.
            let path = Path::new(&file);
            Geometry::beside_presets(&path.display().to_string(), &read_text(path, "the file of geometries")?)?;
        }
        return Geometry::preset(name);
    }
    ensure!(
        Geometry::is_file(name) || listed.is_some(),
        UsageError(format!(
            "no geometry is called {base:?}; choose one of {}, or name a file of yours: {base}.toml",
            Geometry::PRESETS.join(", ")
        ))
    );
    let file = if Geometry::is_file(name) { base.into() } else { listed.unwrap_or_default() };
    let path = Path::new(&file);
    Geometry::in_file(name, &path.display().to_string(), &read_text(path, "the file of geometries")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = named("none-there.toml+chain").unwrap_err().to_string();
        assert!(error.starts_with("none-there.toml: cannot read the file of geometries"), "{error}");
    }

    #[test]
    fn presets_need_no_file() {
        assert_eq!(named("cu+chain").unwrap(), Geometry::preset("cu+chain").unwrap());
        let error = named("cv+chain").unwrap_err().to_string();
        assert_eq!(
            error,
            "no geometry is called \"cv\"; choose one of tiny, mcu, cu, soc32, soc64, or name a file of yours: cv.toml"
        );
    }
}
