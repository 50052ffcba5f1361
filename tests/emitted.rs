//! The emitted Verilog against the RustHDL simulation, the whole design at once: every block of it, every output, every cycle.

use pm_interface::manifest::{BootPartition, Manifest, DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::{registers::offset, words_of, Geometry, Rights};
use pm_rtl::guard::axi4::{Axi4Options, Axi4PartitionManager};
use pm_rtl::guard::wishbone::{WishboneOptions, WishbonePartitionManager};
use pm_rtl::guard::ApbPartitionManager;
use pm_rtl::PartitionManager;
use pm_sim::block_cosim::{cosimulate, Input, Options, Pack, Stimulus};
use pm_sim::boot::{offered, Tampering};
use pm_sim::inputs;
use rust_hdl::prelude::Bits;

/// Register writes that lead somewhere: activation, commands, and reads and writes of anything in between.
fn guide(geometry: &Geometry, stimulus: &mut Stimulus<'_>) {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let cycle = stimulus.cycle();
    let start = 2 + (1 << (geometry.shape.tenant + geometry.shape.page).min(12)) + 8;
    stimulus.set("reset", u128::from(cycle < 2));
    let ready = !stimulus.random().once_in(5);
    stimulus.set("memory_write.ready", u128::from(ready));
    let mut script = vec![
        (offset::POOL_BASE_LO, pool_base),
        (offset::POOL_SIZE_LO, pool_size),
        (offset::WINDOW_BASE_LO, window_base),
        (offset::CONTROL, 1),
    ];
    let mut booting = 0;
    if geometry.features.boot {
        // Late words close the gate: what comes first is left alone until it is open.
        script = manifest(geometry).into_iter().map(|word| (offset::BOOT_DATA, u64::from(word))).collect();
        script.push((offset::CONTROL, 1));
        booting = 1200 + 2 * pool_size / 4;
        for (place, word) in words_of(DEVELOPMENT_KEY).into_iter().enumerate() {
            stimulus.set(&format!("device_key${place}"), word.into());
        }
        stimulus.set("minimum_version$0", u128::from(DEVELOPMENT_VERSION));
    }
    let at = cycle.checked_sub(start).map(|since| since as usize);
    let mut write = None;
    if let Some(since) = at {
        if since < 4 * script.len() {
            write = (since % 4 == 0).then(|| script[since / 4]);
        } else if since > 4 * script.len() + booting as usize && since % 3 == 0 {
            let pages = geometry.window() / geometry.granule();
            let random = stimulus.random();
            let granule = geometry.granule();
            write = Some(match random.below(8) {
                0 => (offset::CMD_TENANT, random.below(geometry.tenants as u64 + 1)),
                1 => (offset::CMD_SLOT, random.below(geometry.slots as u64 + 1)),
                2 => (offset::CMD_LOGICAL_LO, window_base + random.below(pages) * granule),
                3 => (offset::CMD_SIZE_LO, random.below(3) * granule),
                4 => (offset::CMD_RIGHTS, random.below(16)),
                5 => (offset::AUDIT_POP, 1),
                6 if geometry.features.alerts => {
                    [(offset::IRQ_STATUS, 63), (offset::DENY_THRESHOLD, 2), (offset::ALERT_TEST, 4)][random.below(3) as usize]
                }
                6 => (offset::IRQ_STATUS, 15),
                _ if geometry.features.dynamic => (offset::CMD, [1, 1, 3, 3, 3, 5, 5, 2, 4, 8, 9, 6][random.below(12) as usize]),
                _ => (offset::CMD, [1, 1, 1, 2, 4, 8, 9, 6][random.below(8) as usize]),
            });
        }
        let near = [window_base, pool_base][stimulus.random().below(2) as usize];
        let inside = stimulus.random().below(geometry.window());
        for port in ["translate_request", "physical_request"] {
            let tenant = stimulus.random().below(geometry.tenants as u64);
            if !stimulus.random().once_in(4) {
                stimulus.set(&format!("{port}.address"), u128::from(near + inside));
                stimulus.set(&format!("{port}.tenant"), u128::from(tenant));
                stimulus.set(&format!("{port}.length"), 1);
            }
        }
    }
    match write {
        Some((register, value)) => {
            stimulus.set("register_request.write", 1);
            stimulus.set("register_request.address", register.into());
            stimulus.set("register_request.write_data", u128::from(value as u32));
        }
        None => {
            stimulus.set("register_request.write", 0);
        }
    }
}

/// What a device with authenticated boot is opened with: two partitions, one of them locked.
fn manifest(geometry: &Geometry) -> Vec<u32> {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let granule = geometry.granule();
    let partition = |tenant, page, rights| {
        let rights = Rights::from_bits(rights);
        BootPartition { tenant, rights, logical: window_base + page * granule, size: granule }
    };
    let partitions = vec![partition(0, 0, 0b01011), partition(1, 1, 0b10001)];
    offered(&Manifest { partitions, ..Manifest::development(pool_base, pool_size, window_base) }, Tampering::None)
}

macro_rules! whole_design {
    ($test:ident, $preset:literal, $cycles:literal, $($width:literal),*) => {
        #[test]
        fn $test() {
            type Design = PartitionManager<$($width),*>;
            let geometry = Geometry::preset($preset).unwrap();
            let mut inputs = inputs!(Design:
                clock, reset,
                translate_request.valid, translate_request.tenant, translate_request.address,
                translate_request.length, translate_request.kind,
                physical_request.valid, physical_request.tenant, physical_request.address,
                physical_request.length, physical_request.kind,
                register_request.read, register_request.write, register_request.address, register_request.write_data,
                memory_write.ready,
            );
            if geometry.features.boot {
                for place in 0..4 {
                    let path = format!("device_key${place}");
                    inputs.push(Input::new(path, move |design: &mut Design, value| design.device_key[place].next = Bits::unpack(value)));
                }
                inputs.push(Input::new("minimum_version$0", |design: &mut Design, value| {
                    design.minimum_version[0].next = Bits::unpack(value);
                }));
            }
            let options = Options::new(inputs).with_hook(|stimulus| guide(&geometry, stimulus));
            let report = cosimulate(stringify!($test), || Design::connected(&geometry), $cycles, 7, options);
            assert!(report.is_ok(), "{}", report.err().unwrap());
        }
    };
}

whole_design!(the_whole_design_agrees_on_tiny, "tiny", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_cu, "cu", 5000, 32, 13, 3, 4, 8, 5, 11);
whole_design!(the_whole_design_agrees_on_cu_with_a_chain, "cu+chain", 8000, 32, 13, 3, 4, 8, 5, 11);
whole_design!(the_whole_design_agrees_on_tiny_with_authenticated_boot, "tiny+boot", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_cu_with_every_feature, "cu+dynamic+chain+boot+alerts", 16000, 32, 13, 3, 4, 8, 5, 11);
whole_design!(the_whole_design_agrees_on_tiny_with_alerts, "tiny+alerts", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_tiny_with_resize_and_share, "tiny+dynamic", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_cu_with_resize_and_share, "cu+dynamic", 8000, 32, 13, 3, 4, 8, 5, 11);
whole_design!(the_whole_design_agrees_on_tiny_with_integrity, "tiny+dynamic+integrity", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_cu_with_integrity, "cu+integrity", 5000, 32, 13, 3, 4, 8, 5, 11);
whole_design!(the_whole_design_agrees_on_tiny_in_lockstep, "tiny+dynamic+integrity+lockstep", 6000, 5, 3, 1, 1, 1, 2, 2);
whole_design!(the_whole_design_agrees_on_soc32, "soc32", 6000, 32, 13, 4, 5, 12, 16, 16);

/// The register that a control master writes in this turn, and the value: the activation first, then any command.
fn next_command(geometry: &Geometry, turn: u64, stimulus: &mut Stimulus<'_>) -> (u8, u64) {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let random = stimulus.random();
    match turn {
        0 => (offset::POOL_BASE_LO, pool_base),
        1 => (offset::POOL_SIZE_LO, pool_size),
        2 => (offset::WINDOW_BASE_LO, window_base),
        3 => (offset::CONTROL, 1),
        4 => (offset::IRQ_ENABLE, 7),
        _ => match random.below(8) {
            0 => (offset::CMD_TENANT, random.below(geometry.tenants as u64)),
            1 => (offset::CMD_SLOT, random.below(geometry.slots as u64)),
            2 => (offset::CMD_LOGICAL_LO, window_base + random.below(2) * geometry.granule()),
            3 => (offset::CMD_SIZE_LO, geometry.granule()),
            4 => (offset::CMD_RIGHTS, random.below(16)),
            5 => (offset::AUDIT_POP, 1),
            6 => (offset::AUDIT_DATA, 0),
            _ => (offset::CMD, [1, 1, 1, 2, 4][random.below(5) as usize]),
        },
    }
}

/// Both ports and the control master of a core behind APB4: activation, then commands, a transfer every eight cycles.
fn guide_apb(geometry: &Geometry, command: &mut (u8, u64), stimulus: &mut Stimulus<'_>) {
    let (pool_base, _, window_base) = geometry.default_setup();
    let (cycle, granule) = (stimulus.cycle(), geometry.granule());
    let start = 2 + (1 << (geometry.shape.tenant + geometry.shape.page)) + 8;
    stimulus.set("reset", u128::from(cycle < 2));
    let since = cycle.saturating_sub(start);
    let (turn, step) = (since / 8, since % 8);
    if step == 0 {
        *command = next_command(geometry, turn, stimulus);
    }
    let (register, value) = *command;
    let selected = cycle >= start && step < 7;
    for (path, value) in [
        ("s_apb.psel", selected.into()),
        ("s_apb.penable", u128::from(selected && step > 0)),
        ("s_apb.pwrite", u128::from(register != offset::AUDIT_DATA)),
        ("s_apb.paddr", register.into()),
        ("s_apb.pwdata", value.into()),
        ("s_apb.pstrb", 15),
    ] {
        stimulus.set(path, value);
    }
    for port in ["translate_request", "physical_request"] {
        let address = [window_base, pool_base][stimulus.random().below(2) as usize] + stimulus.random().below(2 * granule);
        for (field, value) in [("address", address.into()), ("tenant", u128::from(turn % 2)), ("length", 1)] {
            stimulus.set(&format!("{port}.{field}"), value);
        }
    }
}

#[test]
fn a_core_behind_apb_agrees_on_tiny() {
    type Design = ApbPartitionManager<5, 3, 1, 1, 1, 2, 2>;
    let geometry = Geometry::preset("tiny").unwrap();
    let inputs = inputs!(Design:
        clock, reset, translate_request.valid, translate_request.tenant, translate_request.address, translate_request.length,
        translate_request.kind, physical_request.valid, physical_request.tenant, physical_request.address,
        physical_request.length, physical_request.kind, s_apb.paddr, s_apb.pprot, s_apb.psel, s_apb.penable, s_apb.pwrite,
        s_apb.pwdata, s_apb.pstrb, memory_write.ready,
    );
    let mut command = (0, 0);
    let options = Options::new(inputs).with_hook(|stimulus| guide_apb(&geometry, &mut command, stimulus));
    match cosimulate("a_core_behind_apb_agrees_on_tiny", || Design::connected(&geometry), 6000, 7, options) {
        // Words of zeros, and nothing is sealed.
        Ok(report) => {
            let still = |path: &String| ["memory_write.data", "sealed"].contains(&path.as_str());
            assert!(report.constant_outputs.iter().all(still), "{report}");
        }
        Err(error) => panic!("{error}"),
    }
}

/// Masters, memory and control master of a Wishbone bus: activation, then commands, while beats are offered for some cycles each.
fn guide_wishbone(geometry: &Geometry, command: &mut (u8, u64), stimulus: &mut Stimulus<'_>) {
    let (pool_base, _, window_base) = geometry.default_setup();
    let cycle = stimulus.cycle();
    let granule = geometry.granule();
    let start = 2 + (1 << (geometry.shape.tenant + geometry.shape.page).min(12)) + 8;
    stimulus.set("rst_i", u128::from(cycle < 2));
    let (acks, fails) = (!stimulus.random().once_in(4), stimulus.random().once_in(50));
    stimulus.set("wbm.ack_i", acks.into());
    stimulus.set("wbm.err_i", fails.into());
    let Some(since) = cycle.checked_sub(start) else {
        stimulus.set("wbc.cyc_i", 0);
        return;
    };
    // An access of the control master takes seven cycles.
    let (turn, step) = (since / 8, since % 8);
    if step == 0 {
        *command = next_command(geometry, turn, stimulus);
    }
    stimulus.set("wbc.cyc_i", (step < 7).into());
    stimulus.set("wbc.stb_i", (step < 7).into());
    let (register, value) = *command;
    stimulus.set("wbc.we_i", (register != offset::AUDIT_DATA).into());
    for (path, value) in [("wbc.sel_i", 15), ("wbc.adr_i", register.into()), ("wbc.dat_i", value.into())] {
        stimulus.set(path, value);
    }
    // A beat is offered as long as the control master's access, twice; now and then it is whatever comes.
    let turn = since / 16;
    if turn % 5 != 0 {
        let address = [window_base, pool_base][(turn % 2) as usize] + turn * 4 % (2 * granule);
        stimulus.set("wbs.cyc_i", 1);
        stimulus.set("wbs.stb_i", (since % 16 > 0).into());
        stimulus.set("wbs.adr_i", address.into());
        stimulus.set("wbs.tga_i", u128::from(turn % 3 / 2));
        stimulus.set("wbs.tgc_i", 0);
        stimulus.set("wbs.we_i", u128::from(turn / 3 % 2));
        stimulus.set("wbs.sel_i", 15);
        stimulus.set("wbs.cti_i", u128::from(turn / 5 % 3));
        stimulus.set("wbs.bte_i", u128::from(turn / 7 % 4));
    }
}

macro_rules! wishbone_design {
    ($test:ident, $preset:literal, $mmu:literal, [$($more:tt)*], $cycles:literal, $($width:literal),*) => {
        #[test]
        fn $test() {
            type Design = WishbonePartitionManager<$($width),*>;
            let geometry = Geometry::preset($preset).unwrap();
            let mut inputs = inputs!(Design:
                clk_i, rst_i, wbs.cyc_i, wbs.stb_i, wbs.we_i, wbs.adr_i, wbs.dat_i, wbs.sel_i, wbs.cti_i, wbs.bte_i, wbs.tga_i,
                wbs.tgc_i, wbm.dat_i, wbm.ack_i, wbm.err_i, wbc.cyc_i, wbc.stb_i, wbc.we_i, wbc.adr_i, wbc.dat_i, wbc.sel_i,
            );
            for field in [$($more)*] {
                inputs.push(field);
            }
            let mut command = (0, 0);
            let options = Options::new(inputs).with_hook(|stimulus| guide_wishbone(&geometry, &mut command, stimulus));
            match cosimulate(stringify!($test), || Design::connected(&geometry, WishboneOptions { mmu: $mmu, ..WishboneOptions::default() }), $cycles, 7, options) {
                Ok(report) => assert!(report.constant_outputs.iter().all(|path| path.contains("cti") || path.contains("bte")
                    || path == "alert"), "{report}"),
                Err(error) => panic!("{error}"),
            }
        }
    };
}

wishbone_design!(a_wishbone_bus_agrees_on_cu, "cu", false, [], 6000, 32, 13, 3, 4, 8, 5, 11);
wishbone_design!(
    a_wishbone_bus_agrees_on_tiny_with_an_mmu,
    "tiny",
    true,
    [
        Input::new("mmu_fill$0.valid", |design: &mut Design, value| design.mmu_fill[0].valid.next = Pack::unpack(value)),
        Input::new("mmu_fill$0.tenant", |design: &mut Design, value| design.mmu_fill[0].tenant.next = Pack::unpack(value)),
        Input::new("mmu_fill$0.index", |design: &mut Design, value| design.mmu_fill[0].index.next = Pack::unpack(value)),
        Input::new("mmu_fill$0.rights", |design: &mut Design, value| design.mmu_fill[0].rights.next = Pack::unpack(value)),
        Input::new("mmu_fill$0.frame", |design: &mut Design, value| design.mmu_fill[0].frame.next = Pack::unpack(value))
    ],
    6000,
    5,
    3,
    1,
    1,
    1,
    2,
    2
);

/// Masters, memory and control master of an AXI4 guard: activation, then commands; the memory answers whatever comes, and what
/// nobody asked for is dropped.
fn guide_axi4(geometry: &Geometry, command: &mut (u8, u64), stimulus: &mut Stimulus<'_>) {
    let (pool_base, _, window_base) = geometry.default_setup();
    let cycle = stimulus.cycle();
    let granule = geometry.granule();
    let start = 2 + (1 << (geometry.shape.tenant + geometry.shape.page)) + 16;
    stimulus.set("aresetn", u128::from(cycle >= 2));
    for (path, often) in
        [("s_axi.bready", 4), ("s_axi.rready", 4), ("m_axi.awready", 3), ("m_axi.wready", 3), ("m_axi.arready", 3)]
    {
        let not = stimulus.random().once_in(often);
        stimulus.set(path, (!not).into());
    }
    for path in ["s_axil.bready", "s_axil.rready", "s_axil.wstrb"] {
        stimulus.set(path, 15);
    }
    let (turn, step) = (cycle.saturating_sub(start) / 16, cycle.saturating_sub(start) % 16);
    let offers = cycle >= start && step == 0;
    if offers {
        *command = next_command(geometry, turn, stimulus);
    }
    let (register, value) = *command;
    let reads = register == offset::AUDIT_DATA;
    for (path, value) in [
        ("s_axil.awvalid", u128::from(offers && !reads)),
        ("s_axil.wvalid", u128::from(offers && !reads)),
        ("s_axil.arvalid", u128::from(offers && reads)),
        ("s_axil.awaddr", register.into()),
        ("s_axil.araddr", register.into()),
        ("s_axil.wdata", value.into()),
    ] {
        stimulus.set(path, value);
    }
    for letters in ["aw", "ar"] {
        let random = stimulus.random();
        let base = [window_base, pool_base][random.below(2) as usize] + random.below(granule / 2) * 4;
        let (tenant, burst) = (random.below(2), if random.once_in(20) { 3 } else { 1 });
        for (path, value) in [("addr", base.into()), ("user", tenant.into()), ("len", 0), ("size", 2), ("burst", burst)] {
            stimulus.set(&format!("s_axi.{letters}{path}"), value);
        }
    }
    // Single beats keep data and addresses in step, until the last thousand cycles.
    if cycle < 5000 {
        stimulus.set("s_axi.wlast", 1);
    }
}

#[test]
fn an_axi4_guard_agrees_on_cu() {
    type Design = Axi4PartitionManager<32, 13, 3, 4, 8, 5, 11, 32, 4, 2, 8>;
    let geometry = Geometry::preset("cu").unwrap();
    let inputs = inputs!(Design:
        aclk, aresetn, s_axi.awid, s_axi.awaddr, s_axi.awlen, s_axi.awsize, s_axi.awburst, s_axi.awlock, s_axi.awcache,
        s_axi.awprot, s_axi.awqos, s_axi.awregion, s_axi.awuser, s_axi.awvalid, s_axi.wdata, s_axi.wstrb, s_axi.wlast,
        s_axi.wvalid, s_axi.bready, s_axi.arid, s_axi.araddr, s_axi.arlen, s_axi.arsize, s_axi.arburst, s_axi.arlock,
        s_axi.arcache, s_axi.arprot, s_axi.arqos, s_axi.arregion, s_axi.aruser, s_axi.arvalid, s_axi.rready, m_axi.awready,
        m_axi.wready, m_axi.bid, m_axi.bresp, m_axi.bvalid, m_axi.arready, m_axi.rid, m_axi.rdata, m_axi.rresp, m_axi.rlast,
        m_axi.rvalid, s_axil.awaddr, s_axil.awprot, s_axil.awvalid, s_axil.wdata, s_axil.wstrb, s_axil.wvalid, s_axil.bready,
        s_axil.araddr, s_axil.arprot, s_axil.arvalid, s_axil.rready,
    );
    let mut command = (0, 0);
    let options = Options::new(inputs).with_hook(|stimulus| guide_axi4(&geometry, &mut command, stimulus));
    match cosimulate(
        "an_axi4_guard_agrees_on_cu",
        || Design::connected(&geometry, Axi4Options { bursts: 4, ..Axi4Options::default() }),
        6000,
        7,
        options,
    ) {
        // Single beats of one kind; nothing is sealed, and no alarm is certain.
        Ok(report) => {
            let constant =
                ["m_axi.awlen", "m_axi.arlen", "m_axi.awsize", "m_axi.arsize", "m_axi.awburst", "m_axi.arburst", "m_axi.wlast"];
            let still = |path: &String| constant.contains(&path.as_str()) || ["alert", "sealed"].contains(&path.as_str());
            assert!(report.constant_outputs.iter().all(still), "{report}");
        }
        Err(error) => panic!("{error}"),
    }
}
