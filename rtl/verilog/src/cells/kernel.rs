//! The macro that a kernel is wrapped in: what every kernel does in the same words is made from a list of names.

/// The kernel of a block: wires what the clauses name, then holds the kernel proper, then the overlays of optional features.
///
/// The block must have `clock` and `reset` inputs of those names. Clauses, in any order and number:
///
/// | clause | makes |
/// |---|---|
/// | `registers(a, b)` | clock and reset of the [`crate::cells::Register`]s, which hold their values by default |
/// | `guarded(a, b)` | the same; with the block's `intact`, the registers' own are part of it |
/// | `reported(a, b)` | the same for registers of `where reported`, beside at least one that is guarded |
/// | `lasting(a, b)` | clock of the [`crate::cells::Register`]s, which no reset touches, and which hold their values by default |
/// | `blocks(a, b)` | clock and reset of inner blocks |
/// | `clocked(a, b)` | clock of inner blocks that have no reset |
/// | `each(a, b)` | clock and reset of every element of lists of blocks |
/// | `each_register(a, b)` | as `registers`, for every element of lists of registers |
/// | `intact(a, b)` | with the block's `intact`, those of the inner blocks are part of it |
/// | `each_intact(a, b)` | the same for every element of lists of blocks |
///
/// An overlay `when(part) { .. }` stands after the kernel and is there only in designs whose block has the optional field `part`
/// (see [`crate::block!`]). Clauses of an overlay name optional fields: `registers(late)` holds `self.late[0]`. `guarded` does the
/// same, and the register's own `intact` is part of the block's; `also_intact` makes fields that are not optional part of it, where
/// they are guarded with the overlay's feature only. An overlay `when(block.part) { .. }`, without clauses, is there in designs
/// whose inner block has the optional field `part`.
///
/// ```ignore
/// kernel! {
///     Counter<WIDTH>
///     #[hdl_gen]
///     fn update(&mut self) guarded(state, total) blocks(adder) {
///         if self.request.valid.val() { self.total.d.next = self.request.length.val(); }
///     }
///     when(halt) {
///         if self.halt[0].val() { self.state.d.next = State::Idle; }
///     }
/// }
/// ```
///
/// `#[hdl_gen]` is written at the call, not inside this macro, because the `self` of the functions that it generates
/// must be the `self` of the body.
#[macro_export]
macro_rules! kernel {
    // The end: everything is known.
    (@made [$pound:tt $attribute:tt] $self:ident [$($wiring:tt)*] [] [] [$($body:tt)*] []) => {
        $pound $attribute
        fn update(&mut $self) { $($wiring)* $($body)* }
    };
    (@made [$pound:tt $attribute:tt] $self:ident [$($wiring:tt)*] [$first:ident $($more:ident)*] [$($list:ident)*] [$($body:tt)*] []) => {
        $pound $attribute
        fn update(&mut $self) {
            $($wiring)*
            for _present in 0..$self.intact.len() {
                $self.intact[0].next = $self.$first.intact[0].val() $(& $self.$more.intact[0].val())*;
                $(for i in 0..$self.$list.len() {
                    $self.intact[0].next = $self.intact[0].val() & $self.$list[i].intact[0].val();
                })*
            }
            $($body)*
        }
    };
    (@made [$pound:tt $attribute:tt] $self:ident [$($wiring:tt)*] [] [$($list:ident)+] [$($body:tt)*] []) => {
        $pound $attribute
        fn update(&mut $self) {
            $($wiring)*
            for _present in 0..$self.intact.len() {
                $self.intact[0].next = true;
                $(for i in 0..$self.$list.len() {
                    $self.intact[0].next = $self.intact[0].val() & $self.$list[i].intact[0].val();
                })*
            }
            $($body)*
        }
    };
    // After the overlays: registers of which some designs guard none.
    (@made $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt [$($body:tt)*] [@reported($($register:ident),*) $($rest:tt)*]) => {
        $crate::kernel!(@made $attribute $self $wiring $intact $list [
            $($body)*
            $(for i in 0..$self.$register.intact.len() {
                $self.intact[0].next = $self.intact[0].val() & $self.$register.intact[i].val();
            })*
        ] [$($rest)*]);
    };
    // An overlay for an optional field of an inner block: it has no clauses.
    (@made $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt [$($body:tt)*]
        [when($block:ident . $part:ident) { $($extra:tt)* } $($rest:tt)*]) => {
        $crate::kernel!(@made $attribute $self $wiring $intact $list [
            $($body)*
            for _present in 0..$self.$block.$part.len() { $($extra)* }
        ] [$($rest)*]);
    };
    // An overlay: its clauses first.
    (@made $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt [when($part:ident) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [] [$($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt $part:ident [$($inner:tt)*]
        [registers($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [
            $($inner)*
            $(
                $self.$register[0].clock.next = $self.clock.val();
                $self.$register[0].reset.next = $self.reset.val();
                $self.$register[0].d.next = $self.$register[0].q.val();
            )*
        ] [$($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt $part:ident [$($inner:tt)*]
        [guarded($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [
            $($inner)*
            $self.intact[0].next = $self.intact[0].val() $(& $self.$register[0].intact[0].val())*;
        ] [registers($($register),*) $($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt $part:ident [$($inner:tt)*]
        [also_intact($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [
            $($inner)*
            $self.intact[0].next = $self.intact[0].val() $(& $self.$block.intact[0].val())*;
        ] [$($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt $part:ident [$($inner:tt)*]
        [blocks($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [
            $($inner)*
            $(
                $self.$block[0].clock.next = $self.clock.val();
                $self.$block[0].reset.next = $self.reset.val();
            )*
        ] [$($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt $body:tt $part:ident [$($inner:tt)*]
        [clocked($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@when $attribute $self $wiring $intact $list $body $part [
            $($inner)*
            $($self.$block[0].clock.next = $self.clock.val();)*
        ] [$($rest)*]);
    };
    (@when $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt [$($body:tt)*] $part:ident [$($inner:tt)*]
        [{ $($extra:tt)* } $($rest:tt)*]) => {
        $crate::kernel!(@made $attribute $self $wiring $intact $list [
            $($body)*
            for _present in 0..$self.$part.len() { $($inner)* $($extra)* }
        ] [$($rest)*]);
    };
    // The clauses of the kernel proper.
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [registers($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $(
                $self.$register.clock.next = $self.clock.val();
                $self.$register.reset.next = $self.reset.val();
                $self.$register.d.next = $self.$register.q.val();
            )*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident $wiring:tt [$($intact:ident)*] $list:tt
        [guarded($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self $wiring [$($intact)* $($register)*] $list
            [registers($($register),*) $($rest)*]);
    };
    (@clauses $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt
        [reported($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self $wiring $intact $list
            [registers($($register),*) $($rest)* @reported($($register),*)]);
    };
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [lasting($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $(
                $self.$register.clock.next = $self.clock.val();
                $self.$register.reset.next = false;
                $self.$register.d.next = $self.$register.q.val();
            )*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [blocks($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $(
                $self.$block.clock.next = $self.clock.val();
                $self.$block.reset.next = $self.reset.val();
            )*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [clocked($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $($self.$block.clock.next = $self.clock.val();)*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [each($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $(
                for i in 0..$self.$block.len() {
                    $self.$block[i].clock.next = $self.clock.val();
                    $self.$block[i].reset.next = $self.reset.val();
                }
            )*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident [$($wiring:tt)*] $intact:tt $list:tt
        [each_register($($register:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self [
            $($wiring)*
            $(
                for i in 0..$self.$register.len() {
                    $self.$register[i].clock.next = $self.clock.val();
                    $self.$register[i].reset.next = $self.reset.val();
                    $self.$register[i].d.next = $self.$register[i].q.val();
                }
            )*
        ] $intact $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident $wiring:tt [$($intact:ident)*] $list:tt
        [intact($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self $wiring [$($intact)* $($block)*] $list [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident $wiring:tt $intact:tt [$($list:ident)*]
        [each_intact($($block:ident),* $(,)?) $($rest:tt)*]) => {
        $crate::kernel!(@clauses $attribute $self $wiring $intact [$($list)* $($block)*] [$($rest)*]);
    };
    (@clauses $attribute:tt $self:ident $wiring:tt $intact:tt $list:tt [{ $($body:tt)* } $($rest:tt)*]) => {
        $crate::kernel!(@made $attribute $self $wiring $intact $list [$($body)*] [$($rest)*]);
    };
    // The call: of a block with sizes, of one with a payload, of one without either, and inside an `impl Logic`.
    ($name:ident<$($generic:ident),* $(,)?> $pound:tt $attribute:tt fn $($rest:tt)*) => {
        impl<$(const $generic: usize),*> Logic for $name<$($generic),*> {
            $crate::kernel! { $pound $attribute fn $($rest)* }
        }
    };
    ($name:ident<type $payload:ident> $pound:tt $attribute:tt fn $($rest:tt)*) => {
        impl<$payload: Synth> Logic for $name<$payload> {
            $crate::kernel! { $pound $attribute fn $($rest)* }
        }
    };
    ($name:ident $pound:tt $attribute:tt fn $($rest:tt)*) => {
        impl Logic for $name {
            $crate::kernel! { $pound $attribute fn $($rest)* }
        }
    };
    ($pound:tt $attribute:tt fn update(&mut $self:ident) $($rest:tt)*) => {
        $crate::kernel!(@clauses [$pound $attribute] $self [] [] [] [$($rest)*]);
    };
}
