//! Named constants for kernels, which can read fields but not Rust constants.

/// Declares a group of equally wide constants that a kernel reads as `self.reasons.integrity.val()`.
#[macro_export]
macro_rules! constants {
    ($(#[$meta:meta])* pub struct $name:ident: Bits<$width:literal> { $($(#[$field_meta:meta])* $field:ident = $value:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$field_meta])* pub $field: ::rust_hdl::prelude::Constant<::rust_hdl::prelude::Bits<$width>>,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: ::rust_hdl::prelude::Constant::new(u64::from($value).into()),)* }
            }
        }

        impl ::rust_hdl::prelude::Logic for $name {
            fn update(&mut self) {}
        }

        impl ::rust_hdl::prelude::Block for $name {
            fn connect_all(&mut self) {}
            fn update_all(&mut self) {}
            fn has_changed(&self) -> bool {
                false
            }
            fn accept(&self, name: &str, probe: &mut dyn ::rust_hdl::prelude::Probe) {
                probe.visit_start_namespace(name, self);
                $(self.$field.accept(stringify!($field), probe);)*
                probe.visit_end_namespace(name, self);
            }
        }
    };
}

use pm_interface::{Reason, Status};

constants! {
    /// Codes of [`Reason`].
    pub struct Reasons: Bits<4> {
        /// `NotActive`.
        not_active = Reason::NotActive.code(),
        /// `NoTenant`.
        no_tenant = Reason::NoTenant.code(),
        /// `OutOfRange`.
        out_of_range = Reason::OutOfRange.code(),
        /// `InvalidPartition`.
        invalid_partition = Reason::InvalidPartition.code(),
        /// `Integrity`.
        integrity = Reason::Integrity.code(),
        /// `Permission`.
        permission = Reason::Permission.code(),
        /// `Isolated`.
        isolated = Reason::Isolated.code(),
        /// `None`.
        none = Reason::None.code(),
    }
}

constants! {
    /// Codes of [`Status`].
    pub struct Statuses: Bits<4> {
        /// `NotActive`.
        not_active = Status::NotActive.code(),
        /// `Ok`.
        ok = Status::Ok.code(),
        /// `BadTenant`.
        bad_tenant = Status::BadTenant.code(),
        /// `BadAlignment`.
        bad_alignment = Status::BadAlignment.code(),
        /// `BadSize`.
        bad_size = Status::BadSize.code(),
        /// `OutsideWindow`.
        outside_window = Status::OutsideWindow.code(),
        /// `Overlap`.
        overlap = Status::Overlap.code(),
        /// `TableFull`.
        table_full = Status::TableFull.code(),
        /// `NoSpace`.
        no_space = Status::NoSpace.code(),
        /// `BadSlot`.
        bad_slot = Status::BadSlot.code(),
        /// `Locked`.
        locked = Status::Locked.code(),
        /// `Sealed`.
        sealed = Status::Sealed.code(),
        /// `AuditFull`.
        audit_full = Status::AuditFull.code(),
        /// `QuotaExceeded`.
        quota_exceeded = Status::QuotaExceeded.code(),
        /// `Integrity`.
        integrity = Status::Integrity.code(),
    }
}
