//! The macro that declares a block: fields and constructor in one list.

/// Declares a block, with what each field begins as.
///
/// A field is its type's default, or `= value`. `where FEATURE` makes the field a vector of one, or of none in designs without
/// the feature; `where guarded` makes a [`crate::cells::Register`] that has a parity in designs with the feature `integrity`,
/// `where reported` one that has a parity in designs with `reports`.
/// The features are the fields of `pm_interface::Features`, and `reports` (what software is told has a twin: `integrity` and
/// `lockstep`), `crypto` (`chain` or `boot`), `unguarded` (no `integrity`) and `per_tenant` (windows per tenant). With `for geometry` the block gets `new(geometry: &Geometry)`, in which the
/// values may use `geometry` and further arguments; with `with count: usize`, `new(count: usize)`; without either, `Default`.
/// A block of a stream is generic over what the stream carries: `struct Slice<type PAYLOAD>`.
/// `requires { assert!(..); }` after the fields is what the constructor insists on.
///
/// ```ignore
/// block! {
///     /// Counts.
///     pub struct Counter<WIDTH> for geometry {
///         /// Rising edge.
///         pub clock: Signal<In, Clock>,
///         /// Synchronous, high: zero.
///         pub reset: Signal<In, Bit>,
///         /// High while `total` has the parity that it was given.
///         pub intact: Signal<Out, Bit> where integrity,
///         total: Register<Bits<WIDTH>> where guarded,
///         step: Constant<Bits<WIDTH>> = Constant::new(geometry.granule().to_bits()),
///     }
/// }
/// ```
#[macro_export]
macro_rules! block {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident $(<$($generic:ident $(= $default:literal)?),* $(,)?>)? for $geometry:ident $(, $extra:ident: $extra_type:ty)* {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(where $feature:ident)? $(= $value:expr)?),* $(,)?
        }
        $(requires { $($required:tt)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name $(<$(const $generic: usize $(= $default)?),*>)? {
            $($(#[$field_meta])* $field_vis $field: $crate::field_type!($type $(, $feature)?),)*
            _activity: $crate::cells::Activity,
        }

        $crate::sleeper!([$(<$(const $generic: usize),*>)?] $name $(<$($generic),*>)? { $($field),* });

        impl $(<$(const $generic: usize),*>)? $name $(<$($generic),*>)? {
            /// For the sizes and features of `geometry`.
            $visibility fn new($geometry: &pm_interface::Geometry $(, $extra: $extra_type)*) -> Self {
                let _ = $geometry;
                $($($required)*)?
                Self { $($field: $crate::field_value!($geometry $(, where $feature)? $(, = $value)?),)* _activity: Default::default() }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident $(<$($generic:ident $(= $default:literal)?),* $(,)?>)? with $($extra:ident: $extra_type:ty),+ {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $value:expr)?),* $(,)?
        }
        $(requires { $($required:tt)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name $(<$(const $generic: usize $(= $default)?),*>)? {
            $($(#[$field_meta])* $field_vis $field: $type,)*
            _activity: $crate::cells::Activity,
        }

        $crate::sleeper!([$(<$(const $generic: usize),*>)?] $name $(<$($generic),*>)? { $($field),* });

        impl $(<$(const $generic: usize),*>)? $name $(<$($generic),*>)? {
            /// A new block of these numbers.
            $visibility fn new($($extra: $extra_type),+) -> Self {
                $($($required)*)?
                Self { $($field: $crate::field_value!(none $(, = $value)?),)* _activity: Default::default() }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident<type $payload:ident> with $($extra:ident: $extra_type:ty),+ {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $value:expr)?),* $(,)?
        }
        $(requires { $($required:tt)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name<$payload: Synth> {
            $($(#[$field_meta])* $field_vis $field: $type,)*
            _activity: $crate::cells::Activity,
        }

        $crate::sleeper!([<$payload: Synth>] $name<$payload> { $($field),* });

        impl<$payload: Synth> $name<$payload> {
            /// A new block of these numbers.
            $visibility fn new($($extra: $extra_type),+) -> Self {
                $($($required)*)?
                Self { $($field: $crate::field_value!(none $(, = $value)?),)* _activity: Default::default() }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident<type $payload:ident> {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $value:expr)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name<$payload: Synth> {
            $($(#[$field_meta])* $field_vis $field: $type,)*
            _activity: $crate::cells::Activity,
        }

        $crate::sleeper!([<$payload: Synth>] $name<$payload> { $($field),* });

        impl<$payload: Synth> Default for $name<$payload> {
            fn default() -> Self {
                Self { $($field: $crate::field_value!(none $(, = $value)?),)* _activity: Default::default() }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident $(<$($generic:ident),* $(,)?>)? {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty $(= $value:expr)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $visibility struct $name $(<$(const $generic: usize),*>)? {
            $($(#[$field_meta])* $field_vis $field: $type,)*
            _activity: $crate::cells::Activity,
        }

        $crate::sleeper!([$(<$(const $generic: usize),*>)?] $name $(<$($generic),*>)? { $($field),* });

        impl $(<$(const $generic: usize),*>)? Default for $name $(<$($generic),*>)? {
            fn default() -> Self {
                Self { $($field: $crate::field_value!(none $(, = $value)?),)* _activity: Default::default() }
            }
        }
    };
}

/// The type of a field of [`block!`](crate::block).
#[doc(hidden)]
#[macro_export]
macro_rules! field_type {
    ($type:ty) => { $type };
    ($type:ty, guarded) => { $type };
    ($type:ty, reported) => { $type };
    ($type:ty, $feature:ident) => { Vec<$type> };
}

/// What a field of [`block!`](crate::block) begins as.
#[doc(hidden)]
#[macro_export]
macro_rules! field_value {
    ($geometry:ident) => {
        Default::default()
    };
    ($geometry:ident, = $value:expr) => {
        $value
    };
    ($geometry:ident, where guarded) => {
        $crate::cells::Register::guarded(usize::from($geometry.features.integrity))
    };
    ($geometry:ident, where reported) => {
        $crate::cells::Register::guarded($crate::feature_count!($geometry, reports))
    };
    ($geometry:ident, where $feature:ident) => {
        (0..$crate::feature_count!($geometry, $feature)).map(|_| Default::default()).collect()
    };
    ($geometry:ident, where $feature:ident, = $value:expr) => {
        (0..$crate::feature_count!($geometry, $feature)).map(|_| $value).collect()
    };
}

/// How many there are of a field that a design has with a feature only: one or none.
#[doc(hidden)]
#[macro_export]
macro_rules! feature_count {
    ($geometry:ident, reports) => {
        usize::from($geometry.features.reports_twice())
    };
    ($geometry:ident, crypto) => {
        usize::from($geometry.features.chain || $geometry.features.boot)
    };
    ($geometry:ident, per_tenant) => {
        usize::from($geometry.windows == pm_interface::Windows::PerTenant)
    };
    ($geometry:ident, unguarded) => {
        usize::from(!$geometry.features.integrity)
    };
    ($geometry:ident, $feature:ident) => {
        usize::from($geometry.features.$feature)
    };
}
