alter table polysink.records add column revised boolean not null default false;
comment on column polysink.records.revised is
    'Whether the record came with other fields under the same hash. Its rows have the fields that are here, those of its newest sighting.';

create table polysink.split_versions (
    sync_id uuid not null,
    key     text collate "C" not null,
    since   timestamptz not null,
    until   timestamptz not null,
    changes integer not null default 1,
    primary key (sync_id, key, since)
);
comment on table polysink.split_versions is
    'Versions that a late delivery split. Of a version only the first and the last sighting are known, so what came between is read from the raw log again; then the row is deleted.';
comment on column polysink.split_versions.sync_id is 'The sync.';
comment on column polysink.split_versions.key is 'The entity, as in _key.';
comment on column polysink.split_versions.since is 'When the first sighting of the version was sent.';
comment on column polysink.split_versions.until is 'When its last sighting was sent.';
comment on column polysink.split_versions.changes is
    'How many late deliveries of the entity have been projected since: if it has changed while the raw log was read, that is read again.';
