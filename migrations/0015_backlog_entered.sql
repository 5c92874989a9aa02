-- How far the query tables are behind is the age of what waits for them, counted from when it began to wait. A replay
-- makes old deliveries wait again, and a drained spool brings some that were received long before.

alter table polysink.backlog add column entered_at timestamptz not null default now();

comment on column polysink.backlog.received_at is 'When it was received: names its partition.';
comment on column polysink.backlog.entered_at is 'Since when it has waited: gives the lag of the query tables.';
