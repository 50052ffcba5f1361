//! Names that a field or a register may not have in a generated register model, because something else has them.

/// What a register's class has already: every member of `uvm_reg` and of what it extends, in Accellera's IEEE 1800.2-2017 1.0,
/// which a test reads, what UVM 1.2 and IEEE 1800.2-2020 have besides, and the methods that SystemVerilog gives every class. A
/// field of such a name hides the member: `read` and `write` are the tasks that every test calls.
#[rustfmt::skip]
pub const UVM_REG: &[&str] = &[
    "XatomicX", "Xcheck_accessX", "Xget_fields_accessX", "Xis_locked_by_fieldX", "Xlock_modelX", "XreadX", "XsampleX",
    "Xset_busyX", "Xunlock_modelX", "__m_uvm_execute_field_op", "__m_uvm_field_automation", "add_coverage", "add_field",
    "add_hdl_path", "add_hdl_path_slice", "add_map", "backdoor_read", "backdoor_read_func", "backdoor_watch",
    "backdoor_write", "build", "build_coverage", "clear_hdl_path", "clone", "compare", "configure", "constraint_mode",
    "convert2string", "copy", "create", "do_check", "do_compare", "do_copy", "do_execute_op", "do_pack", "do_predict",
    "do_print", "do_read", "do_record", "do_unpack", "do_write", "get", "get_address", "get_addresses", "get_attribute",
    "get_backdoor", "get_block", "get_coverage", "get_default_map", "get_field_by_name", "get_fields", "get_frontdoor",
    "get_full_hdl_path", "get_full_name", "get_hdl_path", "get_hdl_path_kinds", "get_inst_count", "get_inst_id",
    "get_local_map", "get_maps", "get_max_size", "get_mirrored_value", "get_n_bits", "get_n_bytes", "get_n_maps",
    "get_name", "get_object_type", "get_offset", "get_parent", "get_randstate", "get_reg_by_full_name", "get_regfile",
    "get_reset", "get_rights", "get_type", "get_type_name", "get_uvm_seeding", "has_coverage", "has_hdl_path", "has_reset",
    "include_coverage", "is_busy", "is_in_map", "m_atomic", "m_backdoor", "m_cover_on", "m_err_service", "m_fields",
    "m_fname", "m_get_report_object", "m_has_cover", "m_hdl_paths_pool", "m_inst_count", "m_inst_id", "m_is_busy",
    "m_is_locked_by_field", "m_leaf_name", "m_lineno", "m_locked", "m_maps", "m_max_size", "m_n_bits", "m_n_used_bits",
    "m_pack", "m_parent", "m_process", "m_read_in_progress", "m_reg_registry", "m_regfile_parent",
    "m_register_cb_uvm_reg_cbs", "m_unpack_post", "m_unpack_pre", "m_unsupported_set_local", "m_update_in_progress",
    "m_uvm_status_container", "m_write_in_progress", "mirror", "needs_update", "pack", "pack_bytes", "pack_ints",
    "pack_longints", "peek", "poke", "post_randomize", "post_read", "post_write", "pre_randomize", "pre_read", "pre_write",
    "predict", "print", "rand_mode", "randomize", "read", "record", "reseed", "reset", "sample", "sample_values", "set",
    "set_attribute", "set_backdoor", "set_coverage", "set_frontdoor", "set_int_local", "set_local", "set_name",
    "set_object_local", "set_offset", "set_parent", "set_randstate", "set_reset", "set_string_local", "set_uvm_seeding",
    "sprint", "srandom", "type_id", "type_name", "unpack", "unpack_bytes", "unpack_ints", "unpack_longints", "unregister",
    "update", "use_uvm_seeding", "write",
];

/// The same of the class of an address map, `uvm_reg_block`: registers are members of it.
#[rustfmt::skip]
pub const UVM_REG_BLOCK: &[&str] = &[
    "Xinit_address_mapsX", "Xlock_modelX", "XsampleX", "Xunlock_modelX", "__m_uvm_execute_field_op",
    "__m_uvm_field_automation", "add_block", "add_coverage", "add_hdl_path", "add_map", "add_mem", "add_reg", "add_vreg",
    "backdoor", "blks", "build", "build_coverage", "check_data_width", "clear_hdl_path", "clone", "compare", "configure",
    "constraint_mode", "convert2string", "copy", "cover_on", "create", "create_map", "default_access", "default_hdl_path",
    "default_map", "default_path", "do_compare", "do_copy", "do_execute_op", "do_pack", "do_print", "do_record",
    "do_unpack", "find_block", "find_blocks", "fname", "get_backdoor", "get_block_by_full_name", "get_block_by_name",
    "get_blocks", "get_coverage", "get_default_door", "get_default_hdl_path", "get_default_map", "get_default_path",
    "get_field_by_name", "get_fields", "get_full_hdl_path", "get_full_name", "get_hdl_path", "get_inst_count",
    "get_inst_id", "get_map_by_name", "get_maps", "get_mem_by_name", "get_memories", "get_name", "get_object_type",
    "get_parent", "get_randstate", "get_reg_by_name", "get_registers", "get_root_blocks", "get_type", "get_type_name",
    "get_uvm_seeding", "get_vfield_by_name", "get_virtual_fields", "get_virtual_registers", "get_vreg_by_name", "has_cover",
    "has_coverage", "has_hdl_path", "hdl_paths_pool", "id", "is_hdl_path_root", "is_locked", "lineno", "lock_model",
    "locked", "m_enable_reg_lookup_cache", "m_get_report_object", "m_inst_count", "m_inst_id", "m_leaf_name", "m_name",
    "m_pack", "m_reg_block_registry", "m_root_names", "m_roots", "m_unpack_post", "m_unpack_pre", "m_unsupported_set_local",
    "m_uvm_lock_model_complete", "m_uvm_status_container", "maps", "mems", "mirror", "needs_update", "pack", "pack_bytes",
    "pack_ints", "pack_longints", "parent", "post_randomize", "pre_randomize", "print", "rand_mode", "randomize",
    "read_mem_by_name", "read_reg_by_name", "readmemh", "record", "regs", "reseed", "reset", "root_hdl_paths", "sample",
    "sample_values", "set_backdoor", "set_coverage", "set_default_door", "set_default_hdl_path", "set_default_map",
    "set_hdl_path_root", "set_int_local", "set_local", "set_lock", "set_name", "set_object_local", "set_parent",
    "set_randstate", "set_string_local", "set_uvm_seeding", "sprint", "srandom", "type_id", "type_id_create", "type_name",
    "unlock_model", "unpack", "unpack_bytes", "unpack_ints", "unpack_longints", "unregister", "update", "use_uvm_seeding",
    "vregs", "wait_for_lock", "write_mem_by_name", "write_reg_by_name", "writememh",
];

/// Keywords of SystemVerilog (IEEE 1800-2017, annex B) and of SystemRDL 2.0 (3.2).
#[rustfmt::skip]
pub const KEYWORDS: &[&str] = &[
    "abstract", "accept_on", "accesstype", "addressingtype", "addrmap", "alias", "all", "alternate", "always",
    "always_comb", "always_ff", "always_latch", "and", "assert", "assign", "assume", "automatic", "before", "begin", "bind",
    "bins", "binsof", "bit", "boolean", "bothedge", "break", "buf", "bufif0", "bufif1", "byte", "case", "casex", "casez",
    "cell", "chandle", "checker", "class", "clocking", "cmos", "compact", "component", "componentwidth", "config", "const",
    "constraint", "context", "continue", "cover", "covergroup", "coverpoint", "cross", "deassign", "default", "defparam",
    "design", "disable", "dist", "do", "edge", "else", "encode", "end", "endcase", "endchecker", "endclass", "endclocking",
    "endconfig", "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule", "endpackage", "endprimitive",
    "endprogram", "endproperty", "endsequence", "endspecify", "endtable", "endtask", "enum", "event", "eventually",
    "expect", "export", "extends", "extern", "external", "false", "field", "final", "first_match", "for", "force",
    "foreach", "forever", "fork", "forkjoin", "fullalign", "function", "generate", "genvar", "global", "highz0", "highz1",
    "hw", "if", "iff", "ifnone", "ignore_bins", "illegal_bins", "implements", "implies", "import", "incdir", "include",
    "initial", "inout", "input", "inside", "instance", "int", "integer", "interconnect", "interface", "internal",
    "intersect", "join", "join_any", "join_none", "large", "let", "level", "liblist", "library", "local", "localparam",
    "logic", "longint", "macromodule", "matches", "medium", "mem", "modport", "module", "na", "nand", "negedge", "nettype",
    "new", "nexttime", "nmos", "nonsticky", "nor", "noshowcancelled", "not", "notif0", "notif1", "null", "number",
    "onreadtype", "onwritetype", "or", "output", "package", "packed", "parameter", "pmos", "posedge", "precedencetype",
    "primitive", "priority", "program", "property", "protected", "pull0", "pull1", "pulldown", "pullup",
    "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "r", "rand", "randc", "randcase", "randsequence", "rclr", "rcmos",
    "real", "realtime", "ref", "reg", "regalign", "regfile", "reject_on", "release", "repeat", "restrict", "return",
    "rnmos", "rpmos", "rset", "rtran", "rtranif0", "rtranif1", "ruser", "rw", "rw1", "s_always", "s_eventually",
    "s_nexttime", "s_until", "s_until_with", "scalared", "sequence", "shortint", "shortreal", "showcancelled", "signal",
    "signed", "small", "soft", "solve", "specify", "specparam", "static", "string", "strong", "strong0", "strong1",
    "struct", "super", "supply0", "supply1", "sw", "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "this",
    "throughout", "time", "timeprecision", "timeunit", "tran", "tranif0", "tranif1", "tri", "tri0", "tri1", "triand",
    "trior", "trireg", "true", "type", "typedef", "union", "unique", "unique0", "unsigned", "until", "until_with",
    "untyped", "use", "uwire", "var", "vectored", "virtual", "void", "w", "w1", "wait", "wait_order", "wand", "wclr",
    "weak", "weak0", "weak1", "while", "wildcard", "wire", "with", "within", "woclr", "wor", "woset", "wot", "wr", "wset",
    "wuser", "wzc", "wzs", "wzt", "xnor", "xor",
];

/// The name of a member of a register model: `name` itself, or with a suffix where `taken` or a language has it.
pub(crate) fn escaped(name: &str, taken: &[&str], suffix: &str) -> String {
    if taken.contains(&name) || KEYWORDS.contains(&name) {
        format!("{name}_{suffix}")
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_a_member_or_is_a_keyword_gets_a_suffix() {
        for name in ["read", "write", "get", "set", "reset", "update", "mirror", "sample", "print", "local", "final", "rclr"] {
            assert_eq!(escaped(name, UVM_REG, "field"), format!("{name}_field"));
        }
        assert_eq!(escaped("valid", UVM_REG, "field"), "valid");
        assert_eq!(escaped("id", UVM_REG, "field"), "id");
        assert_eq!(escaped("id", UVM_REG_BLOCK, "register"), "id_register");
    }

    #[test]
    fn the_lists_are_sorted_and_no_suffixed_name_is_taken() {
        for list in [UVM_REG, UVM_REG_BLOCK, KEYWORDS] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "a list is not sorted");
        }
        for name in UVM_REG.iter().chain(UVM_REG_BLOCK).chain(KEYWORDS) {
            for (suffix, taken) in [("field", UVM_REG), ("register", UVM_REG_BLOCK)] {
                let escaped = format!("{name}_{suffix}");
                assert!(!taken.contains(&escaped.as_str()), "{escaped}");
            }
        }
    }
}
