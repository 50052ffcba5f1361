//! The C driver in the hands of others: in C and in C++, without a C library, over memory-mapped registers, with its texts.

use pm_interface::registers::{ID_VALUE, VERSION_VALUE};
use pm_interface::Status;
use pm_tools::Tool;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every warning is an error.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-Wconversion"];
const DRIVER: &str = "c/pm_driver.c";

/// A scratch file of this name.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The same with this text.
fn written(name: &str, text: &str) -> PathBuf {
    let path = scratch(name);
    std::fs::write(&path, text).expect("it can be written");
    path
}

/// Compiles in the driver's folder; panics with what the compiler says.
fn compile<A: AsRef<OsStr>>(tool: Tool, standard: &str, arguments: impl IntoIterator<Item = A>, out: &Path) {
    let mut command = Command::new(pm_tools::find(tool).expect("a compiler is here: ./scripts/setup test"));
    command.arg(standard).args(STRICT).args(["-I../rtl/generated", "-Ic"]).args(arguments).arg("-o").arg(out);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the compiler starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Standard output of a program that is run.
fn run(program: &Path) -> String {
    let output = Command::new(program).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// A user in both languages, as short as one can be.
const USER: &str = r#"#include "pm_driver.h"
static int rd(void *c, uint8_t o, uint32_t *v) { (void)c; (void)o; *v = 0; return 0; }
static int wr(void *c, uint8_t o, uint32_t v) { (void)c; (void)o; (void)v; return 0; }
int main(void) { pm_device d; return pm_open(&d, rd, wr, 0, 10) == PM_ERROR_UNKNOWN ? 0 : 1; }
"#;

#[test]
fn c_and_cpp_programs_compile_and_link_with_the_driver() {
    let object = scratch("users_driver.o");
    compile(Tool::Cc, "-std=c99", ["-c", DRIVER], &object);
    let (c, cpp) = (written("user.c", USER), written("user.cpp", USER));
    for standard in ["-std=c99", "-std=c11", "-std=c17"] {
        let program = scratch("user_c");
        compile(Tool::Cc, standard, [c.as_os_str(), object.as_os_str()], &program);
        run(&program);
    }
    for standard in ["-std=c++11", "-std=c++17", "-std=c++20"] {
        let program = scratch("user_cpp");
        compile(Tool::Cxx, standard, [cpp.as_os_str(), object.as_os_str()], &program);
        run(&program);
    }
    // The driver itself may be compiled as C++, too.
    let (object, program) = (scratch("users_driver_cpp.o"), scratch("user_all_cpp"));
    compile(Tool::Cxx, "-std=c++11", ["-x", "c++", "-c", DRIVER], &object);
    compile(Tool::Cxx, "-std=c++11", [cpp.as_os_str(), object.as_os_str()], &program);
    run(&program);
}

#[test]
fn the_driver_needs_nothing_of_a_c_library() {
    let start = "#include \"pm_driver.h\"\n#include \"pm_mmio.h\"\nvoid start(void);\nvoid start(void)\n{\n    static struct pm_device pm;\n    \
                 static struct pm_row row;\n    struct pm_record record;\n    struct pm_fault fault;\n    bool taken;\n    \
                 (void)pm_open(&pm, pm_mmio_read, pm_mmio_write, (void *)0x1000, 10);\n    (void)pm_boot(&pm, 0, 0);\n    \
                 (void)pm_query(&pm, 0, &row);\n    (void)pm_audit(&pm, &record, &taken);\n    (void)pm_get_fault(&pm, &fault);\n    \
                 (void)pm_strerror(PM_DONE);\n    (void)pm_status_text(pm.status);\n}\n";
    let start = written("start.c", start);
    // Everything that the linker does not find is an error: nothing but these two files is there.
    let alone = ["-ffreestanding", "-nostdlib", "-static", "-fno-stack-protector", "-Wl,-e,start", "-Wl,--no-undefined"];
    for level in ["-O0", "-O1", "-O2", "-O3", "-Os"] {
        let files = [DRIVER.as_ref(), start.as_os_str()];
        let arguments = alone.iter().map(OsStr::new).chain([OsStr::new(level)]).chain(files);
        compile(Tool::Cc, "-std=c99", arguments, &scratch("freestanding"));
    }
}

#[test]
fn the_driver_reaches_memory_mapped_registers() {
    let text = format!(
        "#include <stdio.h>\n#include \"pm_driver.h\"\n#include \"pm_mmio.h\"\nstatic uint32_t registers[64] = {{ {ID_VALUE}u, {VERSION_VALUE}u, \
         0x04030205u }};\nint main(void)\n{{\n    pm_device pm;\n    struct pm_sizes sizes;\n    enum pm_error opened = pm_open(&pm, pm_mmio_read, \
         pm_mmio_write, registers, 10);\n    enum pm_error known = pm_get_sizes(&pm, &sizes);\n    enum pm_error cleared = \
         pm_clear_interrupts(&pm, 5);\n    printf(\"%d %d %d %d %u\\n\", (int)opened, (int)known, (int)cleared, (int)sizes.pool_bits, \
         (unsigned)registers[PM_IRQ_STATUS_OFFSET / 4]);\n    return 0;\n}}\n"
    );
    for (tool, standard, name) in [(Tool::Cc, "-std=c99", "mapped.c"), (Tool::Cxx, "-std=c++11", "mapped.cpp")] {
        let (file, object, program) = (written(name, &text), scratch(&format!("{name}.o")), scratch(&format!("{name}.run")));
        compile(Tool::Cc, "-std=c99", ["-c", DRIVER], &object);
        compile(tool, standard, [file.as_os_str(), object.as_os_str()], &program);
        assert_eq!(run(&program), "0 0 0 4 5\n", "{name}");
    }
}

#[test]
fn every_error_and_status_has_a_text_of_its_own() {
    let text = "#include <stdio.h>\n#include \"pm_driver.h\"\nint main(void)\n{\n    int code;\n    for (code = 0; code <= (int)PM_ERROR_WINDOWS + 1; code++)\n        \
                printf(\"e %s\\n\", pm_strerror((enum pm_error)code));\n    for (code = 0; code < 16; code++)\n        \
                printf(\"s %s\\n\", pm_status_text((enum pm_status)code));\n    return 0;\n}\n";
    let (file, program) = (written("texts.c", text), scratch("texts"));
    compile(Tool::Cc, "-std=c99", [DRIVER.as_ref(), file.as_os_str()], &program);
    let said = run(&program);
    let of = |kind: &str| -> Vec<String> { said.lines().filter_map(|line| line.strip_prefix(kind)).map(String::from).collect() };
    let errors = of("e ");
    assert_eq!(errors.iter().collect::<BTreeSet<_>>().len(), 12, "{errors:#?}");
    assert_eq!(errors[11], "an unknown error");
    let statuses = of("s ");
    for (code, text) in statuses.iter().enumerate() {
        let known = Status::from_code(code as u8).is_some();
        assert_eq!(text != "an unknown status", known, "{code}: {text}");
    }
    let known = statuses.iter().filter(|text| *text != "an unknown status").collect::<BTreeSet<_>>();
    assert_eq!(known.len(), Status::LIST.members.len());
}
