//! The root package holds the tests; there is no library code here.
