//! `tiny`, exhaustively: every content of the table that commands can build, and of each every request on both ports.
//!
//! Contents are found by walking the model breadth first with every command that can change it; each is then built in
//! the hardware by the same commands, and asked everything: all tenants and one that does not exist, all addresses, all
//! lengths, all kinds, one request a cycle on each port.

use crate::bench::{open_model, open_rtl, open_verilated, preset};
use pm_interface::registers::offset;
use pm_interface::{Geometry, Rights, Status};
use pm_model::commands::{check, Conditions};
use pm_model::{Access, Model, Operation, Slot};
use pm_sim::block_cosim::Random;
use pm_sim::{Offered, Pins};
use std::collections::HashSet;
use std::time::Instant;

/// Cycles from a request to its answer.
const LATENCY: usize = 4;

/// Cycles after which every command on `tiny` has ended.
const ENDED: usize = 64;

/// What the rows hold: valid, tenant, first and last page, first and last block, rights.
type Content = Vec<[u64; 7]>;

fn content(model: &Model) -> Content {
    let row = |row: &Slot| {
        let (valid, tenant, rights) = (row.valid.into(), row.tenant.into(), row.rights.bits().into());
        [valid, tenant, row.first_page, row.last_page, row.first_block, row.last_block, rights]
    };
    model.tables().rows.iter().map(row).collect()
}

/// Every command that may change the table, with operands in and just out of range.
fn commands(geometry: &Geometry) -> Vec<Operation> {
    let (_, _, window_base) = geometry.default_setup();
    let granule = geometry.granule();
    let pages = geometry.window() / granule;
    let rights = || (0..32).map(Rights::from_bits);
    let mut commands = Vec::new();
    for tenant in 0..=geometry.tenants as u8 {
        for (page, size) in (0..=pages).flat_map(|page| (0..=pages + 1).map(move |size| (page, size))) {
            commands
                .extend(rights().map(|rights| Operation::create(tenant, window_base + page * granule, size * granule, rights)));
        }
    }
    for slot in 0..=geometry.slots as u8 {
        commands.extend([Operation::destroy(slot), Operation::lock(slot)]);
        commands.extend(rights().map(|rights| Operation::protect(slot, rights)));
        if geometry.features.dynamic {
            commands.extend((0..=pages + 1).map(|size| Operation::resize(slot, size * granule)));
            for (tenant, page) in (0..=geometry.tenants as u8).flat_map(|tenant| (0..=pages).map(move |page| (tenant, page))) {
                commands.extend(rights().map(|rights| Operation::share(slot, tenant, window_base + page * granule, rights)));
            }
        }
    }
    commands
}

/// The model after a command that succeeds; `None` for one that is refused and so changes nothing.
fn after(model: &Model, operation: &Operation) -> Option<Model> {
    let conditions = Conditions { audit_room: true, active: true, sealed: false };
    check(model.tables(), conditions, operation).ok()?;
    let mut model = model.clone();
    assert_eq!(model.command(operation).status, Status::Ok, "{operation:?}");
    model.read_audit();
    Some(model)
}

/// A model and the commands that built it.
pub type Built = (Model, Vec<Operation>);

/// Breadth first from the empty table: every content, each with as few commands as it takes.
fn contents(geometry: &Geometry) -> Vec<Built> {
    let commands = commands(geometry);
    let empty = open_model(geometry).model().clone();
    let mut seen = HashSet::from([content(&empty)]);
    let mut built: Vec<Built> = vec![(empty, Vec::new())];
    let mut next = 0;
    while next < built.len() {
        for operation in &commands {
            let (model, path) = &built[next];
            let Some(model) = after(model, operation) else { continue };
            if seen.insert(content(&model)) {
                let path = [path.as_slice(), &[*operation]].concat();
                built.push((model, path));
            }
        }
        next += 1;
    }
    built
}

/// Contents that random commands come by.
pub fn some_contents(geometry: &Geometry, count: usize, seed: u64) -> Vec<Built> {
    let (commands, mut random) = (commands(geometry), Random::new(seed));
    let walk = |_| {
        let (mut model, mut path) = (open_model(geometry).model().clone(), Vec::new());
        // Rows that are all locked end the walk.
        for _ in 0..400 {
            let operation = commands[random.below(commands.len() as u64) as usize];
            if let Some(after) = after(&model, &operation).filter(|_| path.len() < 4) {
                model = after;
                path.push(operation);
            }
        }
        (model, path)
    };
    (0..count).map(walk).collect()
}

/// Everything that can be asked.
fn requests(geometry: &Geometry) -> Vec<Access> {
    let lengths = 1 << geometry.shape.length;
    let mut requests = Vec::new();
    for tenant in 0..=geometry.tenants as u8 {
        for address in 0..=geometry.last_address() {
            for length in 0..lengths {
                requests.extend((0..4).map(|kind| Access { tenant, address, length, kind }));
            }
        }
    }
    requests
}

/// Resets, opens and carries out commands, each in one go.
fn build(device: &mut dyn Pins, path: &[Operation]) {
    let quiet = [Offered::default(); ENDED];
    let write = |register: u8, value: u64| Offered { register: Some((register, Some(value as u32))), ..Offered::default() };
    let (pool_base, pool_size, window_base) = device.geometry().default_setup();
    let open = [
        write(offset::POOL_BASE_LO, pool_base),
        write(offset::POOL_SIZE_LO, pool_size),
        write(offset::WINDOW_BASE_LO, window_base),
        write(offset::CONTROL, 1),
    ];
    device.pulse_reset();
    device.run(&[&quiet[..], &open, &quiet].concat());
    for operation in path {
        let writes = [
            write(offset::CMD_TENANT, operation.tenant.into()),
            write(offset::CMD_SLOT, operation.slot.into()),
            write(offset::CMD_LOGICAL_LO, operation.logical),
            write(offset::CMD_SIZE_LO, operation.size),
            write(offset::CMD_RIGHTS, operation.rights.bits().into()),
            write(offset::CMD, operation.command.code().into()),
        ];
        device.run(&[&writes[..], &quiet].concat());
        let result = device.read_register(offset::RESULT).map(|result| result & 0x8000_00FF);
        assert_eq!(result, Ok(Status::Ok.code().into()), "{operation:?}");
    }
}

/// Asks everything of every content; gives the number of requests.
pub fn ask(device: &mut dyn Pins, contents: &[Built]) -> u64 {
    let requests = requests(device.geometry());
    let offer = |access: &Access| Offered { translate: Some(*access), physical: Some(*access), register: None };
    let mut offered: Vec<Offered> = requests.iter().map(offer).collect();
    offered.extend([Offered::default(); LATENCY - 1]);
    for (model, path) in contents {
        build(device, path);
        let shown = device.run(&offered);
        for (access, shown) in requests.iter().zip(&shown[LATENCY - 1..]) {
            assert_eq!(shown.translate, Some(model.decide_translate(access)), "{access:?} after {path:#?}");
            assert_eq!(shown.physical, Some(model.decide_physical(access)), "{access:?} after {path:#?}");
        }
    }
    2 * (requests.len() * contents.len()) as u64
}

#[test]
fn some_contents_of_tiny_answer_everything() {
    let geometry = preset("tiny");
    let asked = ask(open_rtl(&geometry).as_mut(), &some_contents(&geometry, 10, 1));
    assert_eq!(asked, 10 * 2 * 3 * 32 * 8 * 4);
}

#[test]
fn some_resized_and_shared_contents_of_tiny_answer_everything() {
    let geometry = preset("tiny+dynamic");
    ask(open_rtl(&geometry).as_mut(), &some_contents(&geometry, 10, 2));
}

#[test]
#[ignore = "slow: every content"]
fn every_content_of_tiny_answers_everything() {
    let geometry = preset("tiny");
    let start = Instant::now();
    let contents = contents(&geometry);
    eprintln!("{} contents, found in {} s", contents.len(), start.elapsed().as_secs());
    let asked = ask(open_verilated(&geometry).as_mut(), &contents);
    eprintln!("{asked} requests, {} s", start.elapsed().as_secs());
}
