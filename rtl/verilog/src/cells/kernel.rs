//! The one macro that a kernel may be wrapped in.

/// Wires the clock and reset of every named [`crate::cells::Register`] and holds its value by default; then the kernel proper.
///
/// The block must have `clock` and `reset` inputs of those names.
///
/// ```ignore
/// kernel! {
///     #[hdl_gen]
///     fn update(&mut self) registers(state, total) {
///         if self.request.valid.val() { self.total.d.next = self.request.length.val(); }
///     }
/// }
/// ```
///
/// `#[hdl_gen]` is written at the call, not inside this macro, because the `self` of the functions that it generates
/// must be the `self` of the body.
#[macro_export]
macro_rules! kernel {
    (
        $pound:tt $attribute:tt
        fn update(&mut $self:ident) registers($($register:ident),* $(,)?) { $($body:tt)* }
    ) => {
        $pound $attribute
        fn update(&mut $self) {
            $(
                $self.$register.clock.next = $self.clock.val();
                $self.$register.reset.next = $self.reset.val();
                $self.$register.d.next = $self.$register.q.val();
            )*
            $($body)*
        }
    };
}
