-- From the truth to the query tables: what waits to be projected, and which fields became which columns.
--
-- The query tables themselves are made by the projector, in schema synced, one for each sync.

create table polysink.backlog (
    envelope_id uuid primary key,
    received_at timestamptz not null,
    sent_at     timestamptz not null,
    sync_id     uuid not null
);

-- A sync's oldest first.
create index backlog_sync_id_idx on polysink.backlog (sync_id, sent_at, envelope_id);

comment on table polysink.backlog is
    'Deliveries whose records are not in the query tables yet. Filled with the delivery, emptied in the transaction that projects it.';
comment on column polysink.backlog.envelope_id is 'The delivery, in polysink.envelopes.';
comment on column polysink.backlog.received_at is 'When it was received: the partition that it is in, and how far behind the query tables are.';
comment on column polysink.backlog.sent_at is 'When it was sent: older ones are projected first.';
comment on column polysink.backlog.sync_id is 'The sync that it belongs to.';

-- What was received before there was a projector.
insert into polysink.backlog (envelope_id, received_at, sent_at, sync_id)
select envelope_id, received_at, sent_at, sync_id
from polysink.envelopes
where outcome = 'stored' and record_count > 0;


create table polysink.fields (
    sync_id       uuid not null,
    name          text collate "C" not null,
    column_name   text collate "C" not null,
    column_type   text,
    wanted_type   text not null,
    pinned        boolean not null,
    hidden        boolean not null,
    blocked       text,
    unsettled     text check (unsettled in ('unfit', 'all')),
    kinds         jsonb not null,
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null,
    ordinal       integer not null,
    primary key (sync_id, name)
) with (fillfactor = 50);

comment on table polysink.fields is
    'The catalogue: which field of a sync is which column of its query tables, and of which type. Changed by an operator with `polysink column`.';
comment on column polysink.fields.sync_id is 'The sync.';
comment on column polysink.fields.name is 'The field''s name, as in polysink.records.fields.';
comment on column polysink.fields.column_name is 'The name of its column. Chosen when the field first appeared; only an operator changes it.';
comment on column polysink.fields.column_type is 'The type that the column has; null while there is no column, and the field''s values are in _unfit.';
comment on column polysink.fields.wanted_type is 'The type that it is to have: learned from the first 1,000 values that are not null, or set by an operator.';
comment on column polysink.fields.pinned is 'True where an operator set the type: nothing that arrives changes it.';
comment on column polysink.fields.hidden is 'True where an operator left the field out of the query tables.';
comment on column polysink.fields.blocked is 'Why the column is not what it is to be, where that does not go away by itself; null where nothing is in the way.';
comment on column polysink.fields.unsettled is 'Which rows may have values of the field that are still to be brought into its column: those with one in _unfit, or all; null where it is done.';
comment on column polysink.fields.kinds is 'How many values of each kind were seen: null, boolean, integer, number, date, timestamp, text, json.';
comment on column polysink.fields.first_seen_at is 'When the oldest delivery with it, of those projected first, was received.';
comment on column polysink.fields.last_seen_at is 'When the newest delivery with it was received.';
comment on column polysink.fields.ordinal is 'Its place among the sync''s fields, in order of first appearance, from 0.';


-- Which records an envelope was stored without: the projector passes over them.
create index rejections_unstorable_idx on polysink.rejections (envelope_id)
    where scope = 'record' and reason = 'unstorable' and settled_at is null;


create view polysink.unidentified as
select r.*
from polysink.records r
join polysink.syncs s on s.sync_id = r.sync_id
where exists (
    select from unnest(s.identity) as i (field)
    where coalesce(r.fields -> i.field, 'null') = 'null'
);

comment on view polysink.unidentified is
    'The records that lack a field of their sync''s identity, or have null in it: in the ledger, and in no query table.';
comment on column polysink.unidentified.sync_id is 'The sync that the record belongs to.';
comment on column polysink.unidentified.hash is 'Polytomic''s digest of the fields. Starts with polysink: where the record came without one and polysink made it.';
comment on column polysink.unidentified.fields is 'The record''s fields, as in its newest sighting. Numbers keep every digit.';
comment on column polysink.unidentified.altered is 'True where jsonb could not hold the text (a NUL character or a lone surrogate) and U+FFFD stands in its place; the envelope has the exact text.';
comment on column polysink.unidentified.first_envelope_id is 'The delivery of the oldest sighting, in order of sent_at, envelope, position.';
comment on column polysink.unidentified.first_sent_at is 'When the oldest sighting was sent.';
comment on column polysink.unidentified.first_position is 'Where in that payload it stood, counted from 0.';
comment on column polysink.unidentified.first_received_at is 'When the oldest sighting was received.';
comment on column polysink.unidentified.last_envelope_id is 'The delivery of the newest sighting, in order of sent_at, envelope, position.';
comment on column polysink.unidentified.last_sent_at is 'When the newest sighting was sent.';
comment on column polysink.unidentified.last_position is 'Where in that payload it stood, counted from 0.';
comment on column polysink.unidentified.last_received_at is 'When the newest sighting was received.';
comment on column polysink.unidentified.times_received is 'How often the record was received, repeats inside one payload included.';
