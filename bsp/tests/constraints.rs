//! The committed constraints are what the Rust pins say. `PM_UPDATE=1 cargo test -p pm-bsp --test constraints` renews them.

use std::fs;
use std::path::Path;

use pm_bsp::board;
use pm_bsp::constraints::pcf;
use pm_interface::Geometry;

#[test]
fn the_committed_constraints_are_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../constraints/alchitry_cu.pcf");
    let text = pcf(board::block(&Geometry::preset("cu").unwrap()).unwrap().as_ref(), "clock", 100.0).unwrap();
    if std::env::var_os("PM_UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, text, "constraints/alchitry_cu.pcf is stale: run PM_UPDATE=1 cargo test -p pm-bsp --test constraints");
}
