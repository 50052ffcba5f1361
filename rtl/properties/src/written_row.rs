//! The written row: is the row at the write port the one that the data path's copy holds?

use pm_rtl::store::Row;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Compares two rows; combinational.
    pub struct WrittenRow<TENANT, PAGE, BLOCK> {
        /// Row at the write port.
        pub written: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Row in the data path's copy, the first page as its complement; the rights of this row have no meaning.
        pub stored: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Rights of the row: read, write, execute.
        pub rights: Signal<In, Bits<3>>,
        /// The rows are the same in everything that the data path reads.
        pub same: Signal<Out, Bit>,
    }
}

kernel! {
    WrittenRow<TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.same.next = (self.written.val().tenant == self.stored.val().tenant)
            & (self.written.val().first_page == !self.stored.val().first_page)
            & (self.written.val().last_page == self.stored.val().last_page)
            & (self.written.val().first_block == self.stored.val().first_block)
            & (self.written.val().last_block == self.stored.val().last_block)
            & (self.written.val().delta == self.stored.val().delta)
            & (self.written.val().read == self.rights.val().get_bit(0))
            & (self.written.val().write == self.rights.val().get_bit(1))
            & (self.written.val().execute == self.rights.val().get_bit(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = WrittenRow<2, 2, 3>;

    #[test]
    fn every_field_counts_that_the_data_path_reads() {
        let check = |change: fn(&mut Row<2, 2, 3>), rights: u64, expected: bool| {
            let mut row = Row::<2, 2, 3> {
                tenant: 1.into(),
                first_page: 1.into(),
                last_page: 2.into(),
                first_block: 4.into(),
                last_block: 5.into(),
                delta: 3.into(),
                read: true,
                execute: true,
                ..Default::default()
            };
            let stored = Row { first_page: 2.into(), read: false, write: true, ..row };
            change(&mut row);
            let mut compared = Small::default();
            compared.connect_all();
            (compared.written.next, compared.stored.next, compared.rights.next) = (row, stored, rights.into());
            assert!(simulate(&mut compared, 100));
            assert_eq!(compared.same.val(), expected, "{row:?}, rights {rights}");
        };
        check(|_| {}, 0b101, true);
        check(|row| (row.isolated, row.locked) = (true, true), 0b101, true);
        for rights in [0b100, 0b001, 0b111] {
            check(|_| {}, rights, false);
        }
        let changes: [fn(&mut Row<2, 2, 3>); 6] = [
            |row| row.tenant = 2.into(),
            |row| row.first_page = 2.into(),
            |row| row.last_page = 1.into(),
            |row| row.first_block = 5.into(),
            |row| row.last_block = 4.into(),
            |row| row.delta = 2.into(),
        ];
        for change in changes {
            check(change, 0b101, false);
        }
    }
}
