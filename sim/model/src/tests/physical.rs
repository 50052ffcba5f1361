//! The physical port: isolated blocks are out of reach for everybody.

use super::{peopled, rights, POOL};
use crate::{Access, Model, Operation, PhysicalVerdict, Reason};

fn check(model: &Model, (tenant, address, length): (u8, u64, u64), expected: PhysicalVerdict) {
    for kind in 0..4 {
        let access = Access { tenant, address, length, kind };
        assert_eq!(model.decide_physical(&access), expected, "{access:x?}");
    }
}

#[test]
fn isolated_blocks_are_out_of_reach_even_for_their_owner() {
    let model = peopled();
    let (allowed, denied) = (PhysicalVerdict::allowed(), PhysicalVerdict::denied);
    for tenant in [0, 1, 7] {
        check(&model, (tenant, POOL, 4), denied(Reason::Isolated, 0));
        check(&model, (tenant, POOL + 0x3FF, 1), denied(Reason::Isolated, 0));
        check(&model, (tenant, POOL - 1, 1), allowed);
        check(&model, (tenant, POOL - 1, 2), denied(Reason::Isolated, 0));
        check(&model, (tenant, POOL + 0x400, 0x100), allowed);
        check(&model, (tenant, POOL + 0x400, 0x101), denied(Reason::Isolated, 2));
        check(&model, (tenant, POOL + 0x3FF, 0x102), denied(Reason::Isolated, 0));
        check(&model, (tenant, POOL + 0x700, 4), allowed);
        check(&model, (tenant, 0, 4096), allowed);
        check(&model, (tenant, 0xFFFF_FFFF, 1), allowed);
    }
}

#[test]
fn requests_are_admitted_as_on_the_other_port() {
    let model = peopled();
    check(&model, (8, POOL, 4), PhysicalVerdict::denied(Reason::NoTenant, 0));
    check(&model, (1, 0, 0), PhysicalVerdict::denied(Reason::OutOfRange, 0));
    check(&model, (1, 0, 4097), PhysicalVerdict::denied(Reason::OutOfRange, 0));
    check(&model, (1, 0xFFFF_FFFF, 2), PhysicalVerdict::denied(Reason::OutOfRange, 0));
    check(&Model::new(model.geometry()), (9, 0, 0), PhysicalVerdict::denied(Reason::NotActive, 0));
}

#[test]
fn a_block_is_isolated_while_it_is_scrubbed_whatever_its_rights() {
    let mut model = peopled();
    model.start(&Operation::create(5, super::WINDOW, 0x100, rights("rw")));
    check(&model, (5, POOL + 0x800, 4), PhysicalVerdict::denied(Reason::Isolated, 4));
    model.settle();
    check(&model, (5, POOL + 0x800, 4), PhysicalVerdict::allowed());
    model.start(&Operation::destroy(4));
    check(&model, (5, POOL + 0x800, 4), PhysicalVerdict::denied(Reason::Isolated, 4));
    model.settle();
    check(&model, (5, POOL + 0x800, 4), PhysicalVerdict::allowed());
}

#[test]
fn protect_moves_the_line() {
    let mut model = peopled();
    model.command(&Operation::protect(0, rights("rw")));
    check(&model, (2, POOL, 4), PhysicalVerdict::allowed());
    model.command(&Operation::protect(0, rights("i")));
    check(&model, (2, POOL, 4), PhysicalVerdict::denied(Reason::Isolated, 0));
}
