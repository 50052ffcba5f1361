//! The decisions, in the order in which an access meets them.
