-- A migration that takes away what earlier versions use waits until none of them runs; so each service says what it
-- knows.

alter table polysink.replicas add column migration bigint;

comment on column polysink.replicas.migration is
    'The latest migration that it knows. Null for versions before the one that added this column.';
comment on column polysink.replicas.seen_at is
    'When it last said that it runs, by the database''s clock; it does so every 30 seconds.';
