alter table polysink.syncs add column compare text not null default 'hash' check (compare in ('hash', 'values'));
comment on column polysink.syncs.compare is
    'What makes a version of an entity: another hash, or other values, however they are written. See `polysink identity set --compare`.';

create table polysink.same_values (
    sync_id uuid not null,
    digest  bytea not null,
    hash    text collate "C" not null,
    primary key (sync_id, digest)
);
create index same_values_hash_idx on polysink.same_values (sync_id, hash);
comment on table polysink.same_values is
    'Of syncs that compare values: the first hash of each distinct set of values. The query tables have it in _hash for all records with these values.';
comment on column polysink.same_values.sync_id is 'The sync.';
comment on column polysink.same_values.digest is
    'SHA-256 of the record''s values: without nulls, fields in the order of their names, numbers by value.';
comment on column polysink.same_values.hash is 'The hash of the first record with these values: its row in polysink.records.';
