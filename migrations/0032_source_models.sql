-- The model that a sync's records come from, as Polytomic's API tells it.

alter table polysink.sync_sources
    add column identity text[],
    add column fields   jsonb not null default '[]',
    add column model_at timestamptz;

comment on column polysink.sync_sources.identity is
    'The fields that identify a record, by the sync''s identity or its model''s identifier in Polytomic; null if they are not known, or not sent.';
comment on column polysink.sync_sources.fields is
    'The sync''s fields as its model describes them: name, description and type.';
comment on column polysink.sync_sources.model_at is 'When the model was last read; null if it never was.';

alter table polysink.syncs add column from_polytomic boolean not null default false;

comment on column polysink.syncs.from_polytomic is
    'Whether its identity, types and descriptions were taken from its model in Polytomic; descriptions follow it since.';
