//! Tests of the model by theme; each is a stimulus and what is expected of it.

mod audit;
mod boot;
mod commands;
mod dynamic;
mod physical;
mod properties;
mod registers;
mod translate;

use crate::{Geometry, Model, Operation, Rights, Status};

/// Pool of the tests.
pub(crate) const POOL: u64 = 0x4000_0000;
/// Its size: what the board has, and no more than a frame of `cu`.
pub(crate) const POOL_SIZE: u64 = 0x2000;
/// Window of the tests.
pub(crate) const WINDOW: u64 = 0x0001_0000;
/// The window's size in `cu`.
pub(crate) const SPAN: u64 = 0x1_0000;

/// Rights from letters: r w x i l.
pub(crate) fn rights(letters: &str) -> Rights {
    Rights {
        read: letters.contains('r'),
        write: letters.contains('w'),
        execute: letters.contains('x'),
        isolated: letters.contains('i'),
        locked: letters.contains('l'),
    }
}

pub(crate) fn cu() -> Model {
    let mut model = Model::new(&Geometry::preset("cu").unwrap());
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
    model
}

/// Four partitions:
///
/// | slot | tenant | logical | bytes | physical | rights |
/// |---|---|---|---|---|---|
/// | 0 | 1 | window + 0 | 0x400 | pool + 0 | rw, isolated |
/// | 1 | 1 | window + 0x800 | 0x100 | pool + 0x400 | rx |
/// | 2 | 2 | window + 0 | 0x200 | pool + 0x500 | w, isolated, locked |
/// | 3 | 3 | window + 0xFF00 (its end) | 0x100 | pool + 0x700 | r |
pub(crate) fn peopled() -> Model {
    let mut model = cu();
    let partitions = [(1, 0, 0x400, "rwi"), (1, 0x800, 0x100, "rx"), (2, 0, 0x200, "wil"), (3, 0xFF00, 0x100, "r")];
    for (slot, (tenant, offset, size, letters)) in (0..).zip(partitions) {
        let outcome = model.command(&Operation::create(tenant, WINDOW + offset, size, rights(letters)));
        assert_eq!((outcome.status, outcome.slot), (Status::Ok, slot));
        model.invariants().unwrap();
    }
    model
}
