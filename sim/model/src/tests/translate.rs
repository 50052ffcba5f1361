//! The translate port: every verdict and reason.

use super::{cu, peopled, rights, POOL, POOL_SIZE, SPAN, WINDOW};
use crate::{Access, CamRow, Fault, Geometry, Model, Operation, Reason, Slot, Status, Translation};

const READ: u8 = 0;
const WRITE: u8 = 1;
const EXECUTE: u8 = 2;

fn check(model: &Model, (tenant, offset, length, kind): (u8, u64, u64, u8), expected: Translation) {
    let access = Access { tenant, address: WINDOW.wrapping_add(offset), length, kind };
    assert_eq!(model.decide_translate(&access), expected, "{access:x?}");
}

#[test]
fn a_permitted_access_is_granted_at_base_plus_offset() {
    let model = peopled();
    check(&model, (1, 0x000, 4, READ), Translation::granted(0, POOL));
    check(&model, (1, 0x123, 4, WRITE), Translation::granted(0, POOL + 0x123));
    check(&model, (1, 0x3FF, 1, READ), Translation::granted(0, POOL + 0x3FF));
    check(&model, (1, 0x000, 0x400, READ), Translation::granted(0, POOL));
    check(&model, (1, 0x810, 4, EXECUTE), Translation::granted(1, POOL + 0x410));
    check(&model, (2, 0x1FC, 4, WRITE), Translation::granted(2, POOL + 0x6FC));
    check(&model, (3, 0xFFFF, 1, READ), Translation::granted(3, POOL + 0x7FF));
}

#[test]
fn what_nobody_maps_belongs_to_the_standard_mmu() {
    let model = peopled();
    check(&model, (1, 0x400, 4, READ), Translation::not_mine());
    check(&model, (4, 0x000, 4, READ), Translation::not_mine());
    check(&model, (1, 0x1_0000, 4, READ), Translation::not_mine());
    check(&model, (1, WINDOW.wrapping_neg(), 4, READ), Translation::not_mine());
    check(&model, (1, u64::MAX, 1, READ), Translation::not_mine());
    check(&model, (1, 0x400, 4, 3), Translation::not_mine());
}

#[test]
fn nothing_is_looked_at_before_activation() {
    let mut model = Model::new(cu().geometry());
    model.settle();
    check(&model, (1, 0, 4, READ), Translation::denied(Reason::NotActive));
    check(&model, (99, 0, 0, 3), Translation::denied(Reason::NotActive));
}

#[test]
fn unknown_tenants_and_bad_lengths_are_refused_everywhere() {
    let model = peopled();
    check(&model, (8, 0, 4, READ), Translation::denied(Reason::NoTenant));
    check(&model, (255, 0x2_0000, 0, READ), Translation::denied(Reason::NoTenant));
    for offset in [0, 0x400, 0x2_0000] {
        check(&model, (1, offset, 0, READ), Translation::denied(Reason::OutOfRange));
        check(&model, (1, offset, 4097, READ), Translation::denied(Reason::OutOfRange));
    }
}

#[test]
fn rights_bind() {
    let model = peopled();
    check(&model, (1, 0, 4, EXECUTE), Translation::denied_by(Reason::Permission, 0));
    check(&model, (1, 0x800, 4, WRITE), Translation::denied_by(Reason::Permission, 1));
    check(&model, (2, 0, 4, READ), Translation::denied_by(Reason::Permission, 2));
    check(&model, (1, 0, 4, 3), Translation::denied_by(Reason::Permission, 0));
    // Permission is looked at before the extent.
    check(&model, (1, 0x3FF, 2, EXECUTE), Translation::denied_by(Reason::Permission, 0));
}

#[test]
fn the_last_byte_must_be_inside() {
    let model = peopled();
    check(&model, (1, 0x3FF, 2, READ), Translation::denied_by(Reason::OutOfRange, 0));
    check(&model, (1, 0x000, 0x401, READ), Translation::denied_by(Reason::OutOfRange, 0));
    check(&model, (3, 0xFFFE, 3, READ), Translation::denied_by(Reason::OutOfRange, 3));
    check(&model, (3, 0xFF00, 4096, READ), Translation::denied_by(Reason::OutOfRange, 3));
}

#[test]
fn shadow_and_cam_must_agree() {
    let entry = |tenant, page, entry| Fault::Shadow { tenant, page, entry };
    let cam =
        |slot, valid, tenant, first_page, last_page| Fault::Cam { slot, row: CamRow { valid, tenant, first_page, last_page } };
    let denied = Translation::denied;
    for (fault, stimulus, expected) in [
        (entry(1, 0, None), (1, 0, 4, READ), denied(Reason::Integrity)),
        (entry(1, 0, Some(1)), (1, 0, 4, READ), denied(Reason::Integrity)),
        (entry(1, 5, Some(0)), (1, 0x500, 4, READ), denied(Reason::InvalidPartition)),
        (cam(0, false, 0, 0, 0), (1, 0, 4, READ), denied(Reason::InvalidPartition)),
        (cam(9, true, 1, 0, 0), (1, 0, 4, READ), denied(Reason::Integrity)),
        (cam(9, true, 1, 0, 0), (1, 0x100, 4, READ), Translation::granted(0, POOL + 0x100)),
        (cam(9, true, 4, 2, 2), (4, 0x200, 4, READ), denied(Reason::Integrity)),
    ] {
        let mut model = peopled();
        model.corrupt(&fault).unwrap();
        check(&model, stimulus, expected);
    }
}

/// A strict window refuses what neither knows; all else is answered as before.
#[test]
fn a_strict_window_refuses_what_nobody_has() {
    for (strict, nobodys) in [
        (Some(true), Translation::denied(Reason::InvalidPartition)),
        (Some(false), Translation::not_mine()),
        (None, Translation::not_mine()),
    ] {
        for features in ["cu", "cu+integrity", "cu+boot"] {
            let mut model = Model::new(&Geometry::preset(features).unwrap());
            assert_eq!(model.activate_as(POOL, POOL_SIZE, &[WINDOW], strict), Status::Ok);
            model.command(&Operation::create(1, WINDOW, 0x100, rights("r")));
            check(&model, (1, 0, 4, READ), Translation::granted(0, POOL));
            check(&model, (1, 0x100, 4, READ), nobodys);
            check(&model, (2, 0, 4, READ), nobodys);
            check(&model, (1, 0xFFFF, 1, READ), nobodys);
            check(&model, (1, 0x1_0000, 4, READ), Translation::not_mine());
        }
    }
}

/// With windows per tenant each tenant's addresses count from its own base.
#[test]
fn each_tenant_has_its_own_window() {
    let mut model = Model::new(&Geometry::preset("cu+windows=per-tenant").unwrap());
    assert_eq!(model.activate_as(POOL, POOL_SIZE, &[WINDOW, 2 * SPAN + 1], None), Status::BadAlignment);
    assert_eq!(model.activate_as(POOL, POOL_SIZE, &[WINDOW, WINDOW + SPAN], None), Status::Ok);
    let made = |model: &mut Model, tenant, logical| model.command(&Operation::create(tenant, logical, 0x100, rights("r"))).status;
    assert_eq!(made(&mut model, 0, WINDOW), Status::Ok);
    assert_eq!(made(&mut model, 1, WINDOW), Status::OutsideWindow);
    assert_eq!(made(&mut model, 1, WINDOW + SPAN), Status::Ok);
    check(&model, (0, 0, 4, READ), Translation::granted(0, POOL));
    check(&model, (0, SPAN, 4, READ), Translation::not_mine());
    check(&model, (1, 0, 4, READ), Translation::not_mine());
    check(&model, (1, SPAN, 4, READ), Translation::granted(1, POOL + 0x100));
    check(&model, (8, 0, 4, READ), Translation::denied(Reason::NoTenant));
}

#[test]
fn two_matches_are_a_fault_even_where_nothing_is_mapped() {
    let mut model = peopled();
    for slot in [8, 9] {
        model.corrupt(&Fault::Cam { slot, row: CamRow { valid: true, tenant: 4, first_page: 0, last_page: 0 } }).unwrap();
    }
    check(&model, (4, 0, 4, READ), Translation::denied(Reason::Integrity));
}

/// Shadow and CAM agree on slot 0, but the row read from RAM does not.
#[test]
fn the_row_itself_is_a_witness() {
    let good = peopled().tables().rows[0];
    let integrity = Translation::denied_by(Reason::Integrity, 0);
    for (row, expected) in [
        (Slot { tenant: 2, ..good }, integrity),
        (Slot { first_page: 1, ..good }, integrity),
        (Slot { last_page: 0, ..good }, Translation::granted(0, POOL + 0x10)),
        (Slot { delta: good.delta + 200, ..good }, integrity),
        (Slot { first_block: 1, ..good }, integrity),
        (Slot { valid: false, ..good }, Translation::denied_by(Reason::InvalidPartition, 0)),
    ] {
        let mut model = peopled();
        model.corrupt(&Fault::Row { slot: 0, row }).unwrap();
        check(&model, (1, 0x10, 4, READ), expected);
    }
}

#[test]
fn a_revoked_partition_is_gone_at_once_though_its_shadow_lingers() {
    let mut model = peopled();
    model.start(&Operation::destroy(0));
    assert!(model.busy());
    check(&model, (1, 0, 4, READ), Translation::denied(Reason::InvalidPartition));
    model.settle();
    check(&model, (1, 0, 4, READ), Translation::not_mine());
}

#[test]
fn a_partition_appears_only_when_it_is_clean() {
    let mut model = cu();
    model.start(&Operation::create(1, WINDOW, 0x400, super::rights("r")));
    check(&model, (1, 0, 4, READ), Translation::not_mine());
    model.advance(0x100);
    check(&model, (1, 0, 4, READ), Translation::not_mine());
    model.advance(3);
    check(&model, (1, 0, 4, READ), Translation::denied(Reason::InvalidPartition));
    model.advance(1);
    check(&model, (1, 0, 4, READ), Translation::granted(0, POOL));
}
