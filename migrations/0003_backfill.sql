-- Column changes on large tables go on in batches beside the traffic: what is left to do is in the database, so that the service
-- goes on with what a command began, and either with what the other left.

alter table polysink.fields drop constraint fields_unsettled_check;
alter table polysink.fields add constraint fields_unsettled_check check (unsettled in ('unfit', 'all', 'erase'));

comment on column polysink.fields.unsettled is
    'Which rows of the query tables are still to be brought in line with the field''s column: unfit, those with a value of it in _unfit; all; erase, all, because the field was hidden and its values are to go; null where it is done.';


create table polysink.backfills (
    sync_id           uuid primary key,
    fields            text[] not null,
    rows              text not null check (rows in ('unfit', 'all', 'erase')),
    history           boolean not null,
    after_key         text collate "C",
    after_sent_at     timestamptz,
    after_envelope_id uuid,
    after_position    integer
);

comment on table polysink.backfills is
    'How far the rows of a sync''s query tables have been brought in line with a changed column. A row for each sync that is being backfilled, gone when it is done.';
comment on column polysink.backfills.sync_id is 'The sync.';
comment on column polysink.backfills.fields is 'The fields whose columns changed.';
comment on column polysink.backfills.rows is 'Which rows are concerned, as in polysink.fields.unsettled.';
comment on column polysink.backfills.history is 'False while the table is worked on, true when it is the history''s turn.';
comment on column polysink.backfills.after_key is 'The _key of the last row that is done; null before the first.';
comment on column polysink.backfills.after_sent_at is 'Its _sent_at.';
comment on column polysink.backfills.after_envelope_id is 'Its _envelope_id.';
comment on column polysink.backfills.after_position is 'Its _position.';
