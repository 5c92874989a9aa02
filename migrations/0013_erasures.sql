-- Erasures: which records were cut out of deliveries, and that it was done, without the person's data.

alter table polysink.envelopes add column erased_positions integer[];

-- Days that retention has detached and not dropped yet: they may have to be attached again.
do $$
declare
    day regclass;
begin
    for day in
        select oid from pg_catalog.pg_class
        where relnamespace = 'polysink'::regnamespace and relkind = 'r' and relname ~ '^envelopes_[0-9]{8}$'
          and not relispartition
    loop
        execute format('alter table %s add column if not exists erased_positions integer[]', day);
    end loop;
end
$$;

comment on column polysink.envelopes.erased_positions is
    'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';
comment on column polysink.envelopes.body is
    'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';
comment on column polysink.envelopes.record_count is
    'The number of records in the body, duplicates and rejected ones included.';


create table polysink.erasures (
    erasure_id  uuid primary key,
    sync_id     uuid not null,
    reference   text,
    started_at  timestamptz not null,
    finished_at timestamptz,
    identity    text[],
    key_columns text[],
    key_digests bytea[] not null,
    rows        bigint not null default 0,
    versions    bigint not null default 0,
    records     bigint not null default 0,
    deliveries  bigint not null default 0,
    sightings   bigint not null default 0,
    rejections  bigint not null default 0,
    spooled     bigint not null default 0
);

-- What drains of a spool ask for.
create index erasures_started_at_idx on polysink.erasures (started_at);

comment on table polysink.erasures is
    'What `polysink forget` has erased and when, without the data. Deliveries that were received before an erasure and come from a spool after it lose the same records.';
comment on column polysink.erasures.erasure_id is 'UUID version 7, made at its start.';
comment on column polysink.erasures.sync_id is 'The sync of the entities.';
comment on column polysink.erasures.reference is 'What the operator gave with --reference, such as the number of the request; null if nothing.';
comment on column polysink.erasures.started_at is 'When it was started. Deliveries received later are not concerned.';
comment on column polysink.erasures.finished_at is 'When it ended; null while it runs, or if it was interrupted and has to be run again.';
comment on column polysink.erasures.identity is 'The identity of the sync at that time; null if it had none, and records were erased by their hashes.';
comment on column polysink.erasures.key_columns is 'How the fields of the identity were read, as in polysink.syncs.';
comment on column polysink.erasures.key_digests is
    'For each entity SHA-256 of the 16 bytes of erasure_id followed by the _key: says of a known key whether it was erased.';
comment on column polysink.erasures.rows is 'Rows deleted from the query table.';
comment on column polysink.erasures.versions is 'Versions deleted from its history.';
comment on column polysink.erasures.records is 'Records deleted from the ledger.';
comment on column polysink.erasures.deliveries is 'Deliveries of the raw log that records were cut out of.';
comment on column polysink.erasures.sightings is 'Records that were cut out of them.';
comment on column polysink.erasures.rejections is 'Rejections that were deleted, or that records were cut out of.';
comment on column polysink.erasures.spooled is 'Records that were cut out of spooled deliveries, before these were stored.';
