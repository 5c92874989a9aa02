//! The integration tests: the real service, over real HTTP, on a real PostgreSQL. One binary, so that it is linked once and
//! all tests share one server; each test has a database of its own.

mod harness;
mod history;

mod architecture;
mod autovacuum;
mod cli;
mod columns;
mod concurrency;
mod dead_connections;
mod documents;
mod door;
mod drift;
mod faults;
mod foreign_data;
mod http_table;
mod local_mode;
mod poison;
mod privileges;
mod process;
mod projection;
mod properties;
mod rebuild;
mod storing;
mod too_many_fields;
