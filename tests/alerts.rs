//! Classes of alerts, threshold and overrun, where the golden model cannot show them: two denials in one cycle.

use crate::bench::{open_rtl, preset, DENIED};
use crate::tidy::project;
use pm_interface::registers::{irq, offset};
use pm_sim::{rtl_device, Device, ModelDevice, Offered, Pins, Scenario};

/// Outside the window, by a tenant that does not exist: refused on both ports.
#[test]
fn the_rtl_does_what_the_scenario_says() {
    let scenario = Scenario::load(&project("tests/scenarios/alerts.toml")).expect("it is a scenario");
    let mut device = rtl_device(&preset("tiny+alerts")).expect("the RTL starts");
    assert!(scenario.run(device.as_mut(), &mut |_| ()).passed);
}

#[test]
fn two_denials_in_a_cycle_count_twice_and_overrun() {
    let mut rtl = open_rtl(&preset("tiny+alerts"));
    let rtl = rtl.as_mut();
    let read = |rtl: &mut dyn Pins, register| rtl.read_register(register).expect("it is readable");
    rtl.write_register(offset::DENY_THRESHOLD, 4).expect("it is writable");
    let both = Offered { translate: Some(DENIED), physical: Some(DENIED), ..Offered::default() };

    rtl.cycle(&both);
    rtl.idle(8);
    assert_eq!(read(rtl, offset::DENY_COUNT), 2);
    assert_eq!(read(rtl, offset::IRQ_STATUS), irq::DENIAL | irq::OVERRUN);
    assert_eq!(read(rtl, offset::FAULT_INFO) >> 29, 0b101, "the translate port's is held, and another came");

    rtl.write_register(offset::IRQ_STATUS, irq::DENIAL | irq::OVERRUN).expect("it is writable");
    assert_eq!(read(rtl, offset::FAULT_INFO), 0);
    rtl.cycle(&both);
    rtl.idle(8);
    assert_eq!(read(rtl, offset::IRQ_STATUS), irq::DENIAL | irq::OVERRUN | irq::THRESHOLD);
    assert_eq!(read(rtl, offset::ALERT_STATE), 0b110);
}

#[test]
fn the_patrols_cause_is_of_class_info_and_can_be_raised() {
    let geometry = preset("tiny+alerts+integrity");
    let (mut rtl, mut model) = (rtl_device(&geometry).expect("the RTL starts"), ModelDevice::new(&geometry));
    for device in [rtl.as_mut() as &mut dyn Device, &mut model] {
        let name = device.name();
        device.reset().expect("it resets");
        device.write_register(offset::IRQ_ENABLE, irq::REPAIRED).expect("it is writable");
        assert!(!device.irq(), "{name}");
        assert_eq!(device.read_register(offset::ALERT_STATE), Ok(0), "{name}");
        device.write_register(offset::ALERT_TEST, irq::REPAIRED).expect("it can be raised");
        assert_eq!(device.read_register(offset::IRQ_STATUS), Ok(irq::REPAIRED), "{name}");
        assert_eq!(device.read_register(offset::ALERT_STATE), Ok(0b001), "{name}");
        assert!(device.irq() && !device.alert(), "{name}");
        device.write_register(offset::IRQ_STATUS, irq::REPAIRED).expect("it is writable");
        assert_eq!(device.read_register(offset::ALERT_STATE), Ok(0), "{name}");
        device.write_register(offset::ALERT_TEST, 0x7F).expect("every cause can be raised");
        assert_eq!(device.read_register(offset::IRQ_STATUS), Ok(0x7F), "{name}");
        assert_eq!(device.read_register(offset::ALERT_STATE), Ok(0b111), "{name}");
        assert!(device.write_register(offset::ALERT_TEST, 0x80).is_err(), "{name}");
        device.write_register(offset::IRQ_STATUS, 0x7F).expect("it is writable");
        assert_eq!(device.read_register(offset::IRQ_STATUS), Ok(0), "{name}");
    }
}

#[test]
fn without_alerts_their_registers_are_errors() {
    let mut rtl = open_rtl(&preset("tiny"));
    for register in [offset::ALERT_STATE, offset::DENY_THRESHOLD, offset::DENY_COUNT] {
        assert!(rtl.read_register(register).is_err(), "{register:#x} reads");
    }
    for (register, value) in [(offset::ALERT_TEST, 4), (offset::DENY_THRESHOLD, 1), (offset::IRQ_ENABLE, irq::THRESHOLD)] {
        assert!(rtl.write_register(register, value).is_err(), "{register:#x} takes {value}");
    }
}
