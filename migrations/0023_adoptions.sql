create table polysink.adoptions (
    adopted_id  uuid primary key,
    sync_id     uuid not null check (sync_id <> adopted_id),
    started_at  timestamptz not null,
    rebuild     boolean not null,
    finished_at timestamptz
);
comment on table polysink.adoptions is
    'Syncs that were made again in Polytomic and go on as an earlier one: what comes for their ids is stored under that of the earlier sync. The bodies in the raw log keep the id that was sent.';
comment on column polysink.adoptions.adopted_id is 'The id under which Polytomic sends.';
comment on column polysink.adoptions.sync_id is 'The id under which it is stored.';
comment on column polysink.adoptions.started_at is 'From when on.';
comment on column polysink.adoptions.rebuild is
    'Whether the query tables are rebuilt at the end, because some of the adopted records are only in the ledger.';
comment on column polysink.adoptions.finished_at is
    'When everything that was stored under the adopted id before had been moved; null while that is not done.';
