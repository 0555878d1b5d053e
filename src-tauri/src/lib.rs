//! Salon's core.
