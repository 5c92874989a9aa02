//! The integration tests: the real service, over real HTTP, on a real PostgreSQL. One binary, so that it is linked once
//! and all tests share one server; each test has a database of its own.

mod harness;
mod history;

mod admin;
mod adoptions;
mod alerts;
mod arbitrary_deliveries;
mod architecture;
mod autovacuum;
mod cli;
mod columns;
mod concurrency;
mod cut_connections;
mod dba_settings;
mod dead_connections;
mod doctor;
mod documents;
mod exact_history;
mod failover;
#[cfg(feature = "failpoints")]
mod failpoints;
mod faults;
mod foreign_data;
mod forget;
mod fuzzed;
mod hostile_numbers;
mod hostile_requests;
mod http_answers;
mod language;
mod local_mode;
mod migrations;
mod neighbours;
mod operator_changes;
mod ops;
mod outages;
mod poolers;
mod privileges;
mod process;
mod projection;
mod rebuild;
mod refused_starts;
mod replay;
mod retention;
mod slow_clients;
mod slow_databases;
mod spools;
mod stopping;
mod stored_rows;
mod telemetry;
mod too_many_fields;
mod unstorable_records;
mod users_objects;
mod versions;
mod years;
