-- What the pages show: the life of a delivery, summaries that are counted in the background, and the replicas.

alter table polysink.envelopes
    add column stored_at timestamptz,
    add column spooled   boolean not null default false;
alter table polysink.envelopes alter column stored_at set default clock_timestamp();

comment on column polysink.envelopes.stored_at is
    'When the transaction that stored it wrote it; the answer 200 followed its commit. Null for deliveries of earlier versions.';
comment on column polysink.envelopes.spooled is
    'Whether it was on the local disk first, while the database was away: then it was answered before stored_at.';

alter table polysink.heads
    add column stored_at timestamptz,
    add column spooled   boolean not null default false;

comment on column polysink.heads.stored_at is 'As in polysink.envelopes.';
comment on column polysink.heads.spooled is 'As in polysink.envelopes.';


create table polysink.passes (
    sync_id          uuid not null,
    projected_at     timestamptz not null default clock_timestamp(),
    last_sent_at     timestamptz not null,
    last_envelope_id uuid not null,
    deliveries       integer not null,
    primary key (sync_id, projected_at, last_envelope_id)
);

create index passes_projected_at_idx on polysink.passes (projected_at);

comment on table polysink.passes is
    'One row per projection of some deliveries into the query tables, for a week. Each takes the oldest that wait, by sent_at and envelope_id.';
comment on column polysink.passes.sync_id is 'The sync.';
comment on column polysink.passes.projected_at is 'When its transaction was about to end.';
comment on column polysink.passes.last_sent_at is 'When the last of the deliveries was sent.';
comment on column polysink.passes.last_envelope_id is 'The last of the deliveries.';
comment on column polysink.passes.deliveries is 'How many deliveries it projected.';


create table polysink.sync_summaries (
    sync_id     uuid primary key,
    records     bigint not null,
    rows        bigint not null,
    usual_pause interval,
    counted_at  timestamptz not null
);

comment on table polysink.sync_summaries is
    'Counts of each sync, made in the background: to count them costs too much for a page.';
comment on column polysink.sync_summaries.sync_id is 'The sync.';
comment on column polysink.sync_summaries.records is 'Distinct records in the ledger.';
comment on column polysink.sync_summaries.rows is 'Rows of its query table.';
comment on column polysink.sync_summaries.usual_pause is
    'The longest of its last 20 pauses between deliveries that are 10 minutes apart or more; null before there were 3.';
comment on column polysink.sync_summaries.counted_at is 'When it was counted.';


create table polysink.delivery_counts (
    bucket     timestamptz not null,
    sync_id    uuid not null,
    deliveries bigint not null,
    primary key (bucket, sync_id)
);

comment on table polysink.delivery_counts is 'Deliveries of the last day, per sync and 10 minutes; counted in the background.';
comment on column polysink.delivery_counts.bucket is 'The beginning of the 10 minutes.';
comment on column polysink.delivery_counts.sync_id is 'The sync.';
comment on column polysink.delivery_counts.deliveries is 'How many deliveries were received.';


create table polysink.replicas (
    replica_id uuid primary key,
    host       text not null,
    version    text not null,
    started_at timestamptz not null,
    seen_at    timestamptz not null
);

comment on table polysink.replicas is 'The running services on this database. A row is removed an hour after it was last seen.';
comment on column polysink.replicas.replica_id is 'UUID of the process.';
comment on column polysink.replicas.host is 'The host that it runs on.';
comment on column polysink.replicas.version is 'Its version of polysink.';
comment on column polysink.replicas.started_at is 'When it started.';
comment on column polysink.replicas.seen_at is 'When it last said that it runs, which it does every 30 seconds.';
