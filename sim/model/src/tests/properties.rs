//! Random commands and accesses: the invariants hold at every step, and nobody reaches another's isolated block.

use crate::{commands, Access, Geometry, Kind, Model, Operation, Rights, Status};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Command(Operation),
    Advance(u64),
    Translate(Access),
    Physical(Access),
    ReadAudit,
}

/// Sizes that collide often: few granules, few tenants, one number beyond each end.
fn steps(geometry: &Geometry) -> impl Strategy<Value = Step> {
    let granule = geometry.granule();
    let (slots, tenants) = (geometry.slots as u8, geometry.tenants as u8);
    let (pages, longest) = (geometry.window() / granule, geometry.max_length());
    let pages = pages.min(12);
    let window = window(geometry);
    let pool = pool(geometry).0;
    let tenant = 0..tenants.min(3) + 1;
    let base = (0..pages + 1, 0..8u64).prop_map(move |(page, ragged)| window + page * granule + u64::from(ragged == 7));
    let size = prop_oneof![9 => 1..5u64, 1 => Just(0)].prop_map(move |granules| granules * granule);
    let slot = (0..slots.min(6) + 1).prop_map(move |slot| if slot == slots.min(6) { slots } else { slot });
    let rights = (0..32u32).prop_map(Rights::from_bits);
    // RESIZE and SHARE do nothing where the geometry has neither.
    let code = prop_oneof![
        8 => Just(1u8), 5 => Just(2), 4 => Just(3), 2 => Just(4), 3 => Just(5), 1 => Just(6), 1 => Just(8), 1 => Just(9),
    ];
    let command = (code, tenant.clone(), slot, base, size, rights).prop_map(|(code, tenant, slot, logical, size, rights)| {
        let command = pm_interface::Command::from_code(code).unwrap();
        Operation { command, tenant, slot, logical, size, rights }
    });
    let length = 0..longest + 2;
    let reach = pages * granule;
    let access = move |base: u64| {
        (tenant.clone(), 0..reach, length.clone(), 0..4u8).prop_map(move |(tenant, offset, length, kind)| Access {
            tenant,
            address: base + offset,
            length,
            kind,
        })
    };
    prop_oneof![
        3 => command.prop_map(Step::Command),
        1 => (1..200u64).prop_map(Step::Advance),
        3 => access(window).prop_map(Step::Translate),
        2 => access(pool).prop_map(Step::Physical),
        1 => Just(Step::ReadAudit),
    ]
}

fn window(geometry: &Geometry) -> u64 {
    geometry.window()
}

/// Base and size; not the whole frame, and not at its start.
fn pool(geometry: &Geometry) -> (u64, u64) {
    let granules = (geometry.frame() / geometry.granule()).min(10);
    (geometry.frame() + geometry.granule(), (granules - 1) * geometry.granule())
}

fn run(geometry: &str, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let geometry = Geometry::preset(geometry).unwrap();
    let mut model = Model::new(&geometry);
    let (base, size) = pool(&geometry);
    prop_assert_eq!(model.activate(base, size, window(&geometry)), Status::Ok);
    for step in steps {
        match step {
            Step::Command(operation) => command(&mut model, &operation)?,
            Step::Advance(cycles) => model.advance(cycles),
            Step::Translate(access) => translate(&mut model, &access)?,
            Step::Physical(access) => physical(&mut model, &access)?,
            Step::ReadAudit => drop(model.read_audit()),
        }
        prop_assert_eq!(model.invariants(), Ok(()));
    }
    Ok(())
}

fn command(model: &mut Model, operation: &Operation) -> Result<(), TestCaseError> {
    if model.busy() {
        model.settle();
    }
    let before = model.tables().clone();
    model.start(operation);
    if !model.busy() && model.result.status != Status::Ok {
        prop_assert_eq!(&before, model.tables(), "a refused command changed the tables");
    }
    Ok(())
}

/// Every byte of a grant lies in the one live partition of this tenant that holds the logical address.
fn translate(model: &mut Model, access: &Access) -> Result<(), TestCaseError> {
    let verdict = model.translate(access);
    prop_assert!(verdict.granted || verdict.physical == 0);
    if !verdict.granted {
        return Ok(());
    }
    let tables = model.tables();
    let row = tables.rows[usize::from(verdict.slot)];
    let first = tables.block_address(row.first_block);
    let end = tables.block_address(row.last_block) + tables.geometry().granule();
    prop_assert!(row.valid && row.tenant == access.tenant);
    prop_assert!(verdict.physical >= first && verdict.physical + access.length <= end);
    prop_assert_eq!(verdict.physical - first, access.address - tables.page_address(row.tenant, row.first_page));
    let permitted = match Kind::from_code(access.kind) {
        Some(Kind::Read) => row.rights.read,
        Some(Kind::Write) => row.rights.write,
        Some(Kind::Execute) => row.rights.execute,
        None => false,
    };
    prop_assert!(permitted);
    for (slot, other) in tables.rows.iter().enumerate() {
        let apart = verdict.physical + access.length <= tables.block_address(other.first_block)
            || verdict.physical >= tables.block_address(other.last_block) + tables.geometry().granule();
        let same = (other.first_block, other.last_block) == (row.first_block, row.last_block) && !other.rights.isolated;
        prop_assert!(slot == usize::from(verdict.slot) || !other.held || apart || same, "the grant touches slot {}", slot);
    }
    if let Some(tail) = tables.tail {
        let apart = verdict.physical + access.length <= tables.block_address(tail.first_block)
            || verdict.physical >= tables.block_address(tail.last_block) + tables.geometry().granule();
        prop_assert!(apart, "the grant touches what is being resized");
    }
    Ok(())
}

/// No byte of an allowed physical access lies in a held, isolated block.
fn physical(model: &mut Model, access: &Access) -> Result<(), TestCaseError> {
    if !model.physical(access).allowed {
        return Ok(());
    }
    let tables = model.tables();
    for byte in access.address..access.address + access.length {
        if let Some(tail) = tables.tail {
            let first = tables.block_address(tail.first_block);
            let last = tables.block_address(tail.last_block) + tables.geometry().granule() - 1;
            prop_assert!(byte < first || byte > last, "byte {:#x} is being resized", byte);
        }
        for row in tables.rows.iter().filter(|row| row.held && row.rights.isolated) {
            let first = tables.block_address(row.first_block);
            let last = tables.block_address(row.last_block) + tables.geometry().granule() - 1;
            prop_assert!(byte < first || byte > last, "byte {:#x} is isolated", byte);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn tiny_keeps_its_invariants(steps in prop::collection::vec(steps(&Geometry::preset("tiny").unwrap()), 1..120)) {
        run("tiny", steps)?;
    }

    #[test]
    fn cu_keeps_its_invariants(steps in prop::collection::vec(steps(&Geometry::preset("cu").unwrap()), 1..120)) {
        run("cu", steps)?;
    }

    #[test]
    fn tiny_with_resize_and_share_keeps_its_invariants(
        steps in prop::collection::vec(steps(&Geometry::preset("tiny+dynamic").unwrap()), 1..120),
    ) {
        run("tiny+dynamic", steps)?;
    }

    #[test]
    fn cu_with_resize_and_share_keeps_its_invariants(
        steps in prop::collection::vec(steps(&Geometry::preset("cu+dynamic").unwrap()), 1..120),
    ) {
        run("cu+dynamic", steps)?;
    }

    /// First fit finds a gap whenever there is one, and the lowest.
    #[test]
    fn first_fit_is_the_lowest_gap(taken in prop::collection::vec((0..16u64, 1..4u64), 0..6), blocks in 1..6u64) {
        let geometry = Geometry::preset("cu").unwrap();
        let mut model = Model::new(&geometry);
        model.activate(geometry.frame(), 16 * geometry.granule(), geometry.window());
        for (slot, (first, length)) in taken.iter().enumerate() {
            let row = &mut model.tables.rows[slot];
            (row.held, row.first_block, row.last_block) = (true, *first, first + length - 1);
        }
        let free = |block: u64| model.tables.rows.iter().all(|row| !row.held || block < row.first_block || block > row.last_block);
        let naive = (0..16).find(|first| first + blocks <= 16 && (*first..first + blocks).all(free));
        prop_assert_eq!(commands::first_fit(&model.tables, blocks), naive);
    }
}
