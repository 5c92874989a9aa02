-- The truth: what was received, exactly as it came, and the ledger that makes it count once.
--
-- Everything here is written by the service, in one transaction per group of deliveries, before a delivery is answered.
-- Keys are made by the service (no sequences) and no foreign key joins one table to another, so that every table can be
-- distributed over several machines later.

comment on schema polysink is
    'What polysink received from Polytomic: the raw log, the ledger of distinct records, and what could not be used. Written only by polysink.';

-- Not "if not exists", which asks for the right to create schemas even where this one is there.
do $$ begin
    if to_regnamespace('synced') is null then
        create schema synced;
    end if;
end $$;

comment on schema synced is
    'One table per Polytomic sync, derived from schema polysink. Everything here can be derived again.';

comment on table polysink._sqlx_migrations is 'Which migrations of polysink this database has had.';
comment on column polysink._sqlx_migrations.version is 'The number that the migration''s file name starts with.';
comment on column polysink._sqlx_migrations.description is 'The rest of the migration''s file name.';
comment on column polysink._sqlx_migrations.installed_on is 'When it was applied.';
comment on column polysink._sqlx_migrations.success is 'Whether it went through.';
comment on column polysink._sqlx_migrations.checksum is 'SHA-384 of the migration''s text; a changed file is refused.';
comment on column polysink._sqlx_migrations.execution_time is 'Nanoseconds it took.';


create table polysink.syncs (
    sync_id           uuid primary key,
    name              text,
    metadata          jsonb,
    table_name        text collate "C" not null unique,
    identity          text[],
    first_received_at timestamptz not null,
    last_received_at  timestamptz not null
);

comment on table polysink.syncs is
    'One row per Polytomic sync that has delivered records. Written when something in it changes, and otherwise about once a minute: for exact freshness ask polysink.envelopes.';
comment on column polysink.syncs.sync_id is 'Polytomic''s id of the sync, as in the sync''s URL.';
comment on column polysink.syncs.name is 'The sync''s name as last received. People rename syncs; null when none was ever sent.';
comment on column polysink.syncs.metadata is 'The metadata object as last received. JSON null is SQL null.';
comment on column polysink.syncs.table_name is 'The name of the sync''s query table in schema synced. Made from the first name received, unique, never changed by a rename.';
comment on column polysink.syncs.identity is 'The fields that name an entity, chosen by an operator; null until chosen.';
comment on column polysink.syncs.first_received_at is 'When the first delivery of this sync was received.';
comment on column polysink.syncs.last_received_at is 'When a delivery of this sync was received, up to about a minute behind.';


create table polysink.envelopes (
    envelope_id  uuid not null,
    received_at  timestamptz not null,
    sent_at      timestamptz not null,
    connection   text not null,
    event        text not null,
    sync_id      uuid,
    metadata     jsonb,
    record_count integer not null,
    source_ip    inet,
    user_agent   text,
    outcome      text not null check (outcome in ('stored', 'ignored')),
    body         text not null,
    primary key (received_at, envelope_id)
) partition by range (received_at);

-- The last deliveries of one sync: freshness, and replay of one sync.
create index envelopes_sync_id_received_at_idx on polysink.envelopes (sync_id, received_at);

comment on table polysink.envelopes is
    'The raw log: every delivery as it came. One partition per UTC day of received_at, named polysink.envelopes_YYYYMMDD, so that retention drops whole days.';
comment on column polysink.envelopes.envelope_id is 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';
comment on column polysink.envelopes.received_at is 'When the delivery was received, by the service''s clock. The partition key.';
comment on column polysink.envelopes.sent_at is 'The Polytomic-Signature-Timestamp header; received_at where there was none.';
comment on column polysink.envelopes.connection is 'The name of the secret that the delivery was authenticated with.';
comment on column polysink.envelopes.event is 'The event''s name: sync.records, or one that polysink does not know yet.';
comment on column polysink.envelopes.sync_id is 'The sync that it belongs to; null for an unknown event without one.';
comment on column polysink.envelopes.metadata is 'The metadata that came with it. JSON null is SQL null.';
comment on column polysink.envelopes.record_count is 'How many records the payload held, before folding and quarantine.';
comment on column polysink.envelopes.source_ip is 'The address that it came from; behind a trusted proxy, the client''s.';
comment on column polysink.envelopes.user_agent is 'The User-Agent header.';
comment on column polysink.envelopes.outcome is 'stored: its records are in polysink.records or polysink.rejections. ignored: an event polysink does not process; only this row is kept.';
comment on column polysink.envelopes.body is 'The JSON exactly as it came, decompressed. Text, because jsonb refuses some of what JSON allows.';

-- lz4 is several times faster than pglz on these bodies. A server built without it keeps its default.
do $$
begin
    alter table polysink.envelopes alter column body set compression lz4;
exception when feature_not_supported then
    raise notice 'this server has no lz4: envelope bodies use its default compression';
end
$$;


create table polysink.records (
    sync_id           uuid not null,
    hash              text collate "C" not null,
    fields            jsonb not null,
    altered           boolean not null,
    first_envelope_id uuid not null,
    first_sent_at     timestamptz not null,
    first_position    integer not null,
    first_received_at timestamptz not null,
    last_envelope_id  uuid not null,
    last_sent_at      timestamptz not null,
    last_position     integer not null,
    last_received_at  timestamptz not null,
    times_received    bigint not null,
    primary key (sync_id, hash)
);

comment on table polysink.records is
    'The ledger: one row per distinct record of a sync, by content hash. An edited source row arrives under a new hash, so an entity can have several rows here.';
comment on column polysink.records.sync_id is 'The sync that the record belongs to.';
comment on column polysink.records.hash is 'Polytomic''s digest of the fields. Starts with polysink: where the record came without one and polysink made it.';
comment on column polysink.records.fields is 'The record''s fields, as in its newest sighting. Numbers keep every digit.';
comment on column polysink.records.altered is 'True where jsonb could not hold the text (a NUL character or a lone surrogate) and U+FFFD stands in its place; the envelope has the exact text.';
comment on column polysink.records.first_envelope_id is 'The delivery of the oldest sighting, in order of sent_at, envelope, position.';
comment on column polysink.records.first_sent_at is 'When the oldest sighting was sent.';
comment on column polysink.records.first_position is 'Where in that payload it stood, counted from 0.';
comment on column polysink.records.first_received_at is 'When the oldest sighting was received.';
comment on column polysink.records.last_envelope_id is 'The delivery of the newest sighting, in order of sent_at, envelope, position.';
comment on column polysink.records.last_sent_at is 'When the newest sighting was sent.';
comment on column polysink.records.last_position is 'Where in that payload it stood, counted from 0.';
comment on column polysink.records.last_received_at is 'When the newest sighting was received.';
comment on column polysink.records.times_received is 'How often the record was received, repeats inside one payload included.';


create table polysink.rejections (
    rejection_id uuid primary key,
    received_at  timestamptz not null,
    sent_at      timestamptz not null,
    connection   text not null,
    scope        text not null check (scope in ('envelope', 'record')),
    reason       text not null,
    detail       text not null,
    sync_id      uuid,
    envelope_id  uuid,
    position     integer,
    payload      bytea not null,
    settled_at   timestamptz
);

create index rejections_received_at_idx on polysink.rejections (received_at);

comment on table polysink.rejections is
    'The quarantine: bodies and records that were authentic and could not be used. Nothing that authenticated is thrown away.';
comment on column polysink.rejections.rejection_id is 'UUID version 7, made at receipt; a refused body''s is in the answer that Polytomic shows.';
comment on column polysink.rejections.received_at is 'When it was received.';
comment on column polysink.rejections.sent_at is 'The Polytomic-Signature-Timestamp header; received_at where there was none.';
comment on column polysink.rejections.connection is 'The name of the secret that the delivery was authenticated with.';
comment on column polysink.rejections.scope is 'envelope: a whole body, answered 400. record: one record of a delivery that was otherwise stored.';
comment on column polysink.rejections.reason is 'What was wrong, as a word to filter by.';
comment on column polysink.rejections.detail is 'What was wrong, as a sentence.';
comment on column polysink.rejections.sync_id is 'The sync, where it is known.';
comment on column polysink.rejections.envelope_id is 'The envelope that the record came in; null for a whole body.';
comment on column polysink.rejections.position is 'Where in the payload the record stood, counted from 0; null for a whole body.';
comment on column polysink.rejections.payload is 'The bytes as they came: the record''s JSON, or the body (decompressed where that worked).';
comment on column polysink.rejections.settled_at is 'When it was dealt with, by a replay or by hand; null while it is open.';
